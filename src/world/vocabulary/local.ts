import { lines, type Topic, words } from './topic';

export const local: Topic = {
  name: 'local news',
  emoji: ['📣', '🏘️', '🚧', '👀', '🗞️'],
  words: {
    place: words`the old cinema, the corner shop, the swimming pool, the footbridge, the market hall, the library, the post office,
      the playground on Mill Street, the fountain, the allotments, the tram stop, the school crossing`,
    news: words`is reopening, gets a new roof, is being painted yellow, will stay open after all, has new opening hours, closes for the summer,
      is going to be step-free, has a hedgehog crossing sign now, is run by volunteers from next month`,
    street: words`Mill Street, Station Road, Linden Street, Harbour Lane, Chapel Hill, Orchard Row, the High Street, Canal Street`,
    lost: words`a grey cockatiel answering to Kevin, one child's red welly, a set of keys with a wooden fish, a green bicycle,
      a tortoise (slow, but with a head start), a blue scarf, a hearing aid, a tabby called Moritz`,
    event: words`the street party, the flea market, the repair café, the council meeting, the lantern walk, the blood drive,
      the tree planting, the open-air film, the choir's spring concert`,
  },
  posts: {
    good: lines`
      {*place} {news}! Signed by {1200-4800} of us. Petitions do sometimes work.
      Found on {street}: {lost}. Now at the bakery, being spoilt, waiting to be collected.
      {*event} was a triumph. {Eleven|Nine|Fourteen} kinds of potato salad and not one speech longer than a minute.
      Shout-out to whoever has been planting flowers around the trees on {*street} at night. We see you. Well, we don't. That's the charm.
      The bus driver on the {11-64} waited for an old lady running on {street}, and the whole bus clapped.
      Volunteers wanted, volunteers found: {*event} is on for {weekday}. Thank you {friend} for the van!
      {*place} {news}. I met half my primary school there in ten minutes.
    `,
    bad: lines`
      Roadworks on {*street}: week {three|four|seven|nine}. Still the same hole. It has a name now. We call it Steve.
      Heads up: no water on {*street} until about {14-19}:00, burst pipe. Fill a kettle if you still can.
      Lost near {place}: {*lost}. Please check sheds, balconies and pockets.
      {*place} closes at the end of the month, after {31-90} years. I learnt to {read|argue|wait} there.
      Whoever took the bench from {*street}: it was ugly, it was broken, and it was ours. Bring it back.
      {*event} is cancelled because of the storm. The cakes exist regardless. Come to number {4-38}.
    `,
    ask: lines`
      Does anyone know what they are building next to {*place}? The sign only shows happy people and a tree.
      Helicopter over {*street} for {twenty|thirty} minutes. Anyone?
      Can somebody recommend a {plumber|locksmith|vet|piano tuner|tailor} near {place} who answers the phone?
      Who is organising {*event} this year, and do they need tables? We have tables.
      What was in the building on {*street} before the phone shop? My mother says a dance hall. My father says she is thinking of someone else.
      Is {*place} open on {weekday}? The website says yes, the door says no, the phone just rings.
    `,
    note: lines`
      {*place} {news}. Details on the notice board, next to the ad for the same sofa since spring.
      Council meeting, summarised: two hours on bins, four minutes on the budget.
      {*event}, {weekday}, from {two|three|five} o'clock. Bring a cup.
      The swan family is back at the canal. {Five|Six|Four} cygnets. Traffic on {*street} stopped for them without being asked.
      Overheard at {place}: "I'm not against change, I'm against this one."
      Steve the hole got a birthday cake today. {Day one hundred|Six months|One year}. The workers took a slice.
      Walked down {*street} with my grandmother, and she told me what every shop used to be. Button shop. Eel shop. A place that repaired only umbrellas. "And here," she said in front of the bank, "a man kept a bear. But only for one winter."
    `,
  },
  comments: {
    good: lines`
      [bakery, being spoilt|being spoilt] Being spoilt at the bakery: best place to be lost.
      [driver] That driver waits for everyone. Knows half of us by name.
      [primary school] And the other half was at the ice cream.
      [van] What a community.
      [reopening|stay open|signed|new roof|step-free|volunteers|is on] Wonderful news! 🎉
      [reopening|roof|step-free|open after] About time for {subject}.
      [triumph|driver|flowers|found|met half] This is why I live here.
      [is on|is on for|from two|from three|from five|bring a cup] See you all there.
      [potato] The potato salad with the apples was mine, thank you, thank you.
      More of this, less of everything else.
      [flowers] Whoever you are, night gardener: we love you.
      [signed] I signed too! Didn't think it would work.
    `,
    bad: lines`
      [cakes exist] On my way. I will eat for the cause.
      [roadworks] I saw a duck on it. It has become a wetland.
      [ugly, it was broken] It was the best ugly bench in town.
      [steve] Steve is older than my relationship.
      [lost near|bench] Shared. Fingers crossed.
      [no water] Water is back at our end.
      [lost near] I'll check our shed tonight.
      [closes at] So sad. We had our first date there.
      [cancelled|bench|lost] I'm at number {5-39}, happy to lend a hand.
      [roadworks|water|bench] Has anybody called the town hall? I was on hold for {twenty|forty} minutes and then it was lunch.
    `,
    ask: lines`
      [happy people] The people on those signs have never lived anywhere.
      [organis] Same people as always. They need hands more than tables.
      [recommend] Whoever you find, tell me too.
      [building next] Flats, as usual. "Affordable", as usual.
      [helicopter] They were looking for a missing walker, found safe. My brother-in-law is with the fire brigade.
      [recommend] Ask for Mr Petersen on {street}. He arrives when he says he will. I know.
      [dance hall] It was a dance hall! My aunt met my uncle there.
      [website says] Only until noon on {weekday}s now.
      [tables] The parish hall has tables, call before six.
      [helicopter|building] No idea, but I am also standing at the window.
    `,
    note: lines`
      [change] "Not against change, against this one" is our whole town in a sentence.
      [swan] I stopped too. The bus stopped. Everything stopped.
      [bins] Two hours is quick for bins.
      [button shop|eel shop] Record her! Please record her.
      [bear] I need to know more about the bear.
      [sofa] The sofa is still available? Asking for nobody.
      [four minutes] Four minutes is generous.
      [steve] Happy birthday, Steve.
    `,
    any: lines`
      Told the whole stairwell.
      Only here.
      This town 😂
      My mother knew before you posted it. She knows everything first.
      {person} will be unbearable about this.
      Put it in the newsletter!
      We moved away and I still read all of this.
      I love living here, I really do.
      [details|from two|from three|from five|heads up|cancelled|reopening] Thanks for posting, I would have missed it.
      [roadworks|swan|reopening|building|painted|hedgehog|triumph] Walked past {subject} just now, can confirm.
      [bring a cup|is on for|triumph|flea|reopening] Is there parking? (Just kidding. Bike.)
      [heads up|cancelled|lost|volunteers|details|bring a cup] Could somebody tell the neighbourhood group as well? I'm not on there.
      [dance|used to be|bear|shop] I have lived here {twenty|thirty|forty} years and never knew that.
      [roadworks|closes|council|bench|change] The mayor should read this.
    `,
  },
  bios: lines`
    Community gardener, committee survivor
    Third generation on {street}
    Town archivist, unofficially
    Knows who has the tables
    Born on {street}
    Neighbourhood busybody
    Writes the newsletter nobody asked for
    {city}, born and stayed
  `,
};
