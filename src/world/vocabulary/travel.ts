import { lines, type Topic, words } from './topic';

export const travel: Topic = {
  name: 'travel',
  emoji: ['✈️', '🧳', '🗺️', '🌍', '🏖️', '⛴️'],
  words: {
    lodging: words`a room above a bakery, a guesthouse with {two|three} dogs, a campsite by the lake, a friend's sofa, a monastery,
      a hostel with eleven bunks, a houseboat, a flat with a view of a wall`,
    discovery: words`a bakery with no sign, a free concert in a courtyard, the best soup of my life, a swimming spot under a bridge,
      a museum of locks, a cemetery full of cats, a bar with four chairs, a funicular nobody mentions, a street of hat makers`,
    mishap: words`my bag is in {city} and I am not, the ferry left without us, the hostel has never heard of me, I packed two left shoes,
      the road on the map is a river, my card was eaten by a machine, the alarm was set for the wrong time zone`,
    souvenir: words`a kilo of paprika, a very heavy bowl, soap, a scarf for {person}, an umbrella with swans on it, dried figs,
      a fridge magnet I swore I wouldn't buy`,
  },
  posts: {
    good: lines`
      Arrived in {*city}. {lodging}. Windows open, somebody singing downstairs. I may not come back.
      Got lost in {*city} and found {discovery}. Getting lost is the itinerary.
      Last morning in {*city}. Coffee, ferry horn, one more walk around the block, slowly.
      {friend} met me at the station in {*city} with a sign that said "LOST PROPERTY". I have good friends.
      {ten|twelve|nine} days in {country}, one small backpack. Everyone should try how little you need.
      An old man in {*city} walked us {fifteen|twenty} minutes to the place we were looking for, because explaining it would have been "impolite".
      Swam before breakfast in {*city}. The water was the temperature of an idea.
    `,
    bad: lines`
      Greetings from {*city}: {mishap}.
      The flight to {*city} is delayed. Again. We have started a society. I'm the treasurer.
      {mishap}. Otherwise {*city} is beautiful, I am told.
      Museum I crossed {country} for: closed on {weekday}s. Today is {weekday}, apparently, everywhere.
      Home from {*city} with {souvenir} and a cold.
      Whoever invented the six o'clock airport bus has never loved or been loved.
    `,
    ask: lines`
      Four days in {*city}: what would you do that is not in the guidebook?
      Where should I go in {country} without a car? I like walking, bread and being left alone.
      {*city} or {city} for a first trip alone?
      What is the one thing you always pack and always need?
      Anyone in {*city} next week? I will be there with time, an appetite and no plans.
      How do you keep from overpacking? I am looking at {four|five|six} pairs of shoes for {three|four} days.
    `,
    note: lines`
      Bought in {*city}: {souvenir}. Needed in {city}: socks.
      Every trip has one bench you remember longer than all the sights. Mine is in {*city}, under a plane tree, facing a petrol station.
      In {*city} they ring the bells at {11:58|seven past nine|noon, more or less}. Nobody could tell me why.
      Travel tip: learn "sorry", "thank you" and "that was delicious". The rest can be done with eyebrows.
      {discovery}, {*city}. I am not telling you where exactly.
      The laundrette is the real city centre. Discuss.
      Things people told me in {*city} without being asked: which bakery is a disgrace, who should be mayor, that I looked tired, that the sea used to be closer. By the third day I had a favourite bakery and an opinion about the mayor.
    `,
  },
  comments: {
    good: lines`
      [lost property] 😂 That is friendship.
      [impolite] I want to grow old in that town.
      [temperature of an idea] Cold ideas, then?
      [how little] One backpack is plenty. I say that every time, and then I pack the iron.
      [arrived|lost in|morning] {subject}! Have the fish soup at the market hall.
      [arrived|days in|swam|lost] Take me with you next time.
      [arrived|days in|morning] Enjoy every minute.
      [arrived|morning in|lost in|man in|swam] I lived there for {two|three|six} years and this made my chest hurt, in a good way.
      [found|impolite|lost] That's the kind of detail I travel for.
      [arrived|days in|morning] Bring back cheese.
      [arrived|found|days|swam] Pictures please, many, unsorted.
      [arrived|not come back|morning] Stay. Send for your things.
    `,
    bad: lines`
      [museum] It's always {weekday}. They know when you are coming.
      [six o'clock] That bus has seen things.
      [left shoes] Two left shoes and a strong walk. Set a trend.
      [my bag is] Oh no! Is the bag at least having a nice holiday?
      [greetings|delayed|mishap|otherwise] One day this will be the best story of the trip. Not today.
      [treasurer] Treasurer! What are the fees?
      [delayed|greetings|otherwise] It happened to me in {city}. Ask for the duty manager, they can do more than the desk.
      [greetings|delayed|otherwise] {subject} owes you one.
      [cold|greetings|airport] Soup and a nap, then try again.
    `,
    ask: lines`
      [without a car] The trains are slow and there are bakeries at every stop. You'll love it.
      [anyone in] Not until the month after, what a pity!
      [always pack] A clothes line. You laugh now.
      [four days] Take the number {3-28} tram to the end and walk back. Best day I had there.
      [always pack] A scarf. It is a pillow, a blanket, a towel and a disguise.
      [four days] Get out of {subject} for one day, the villages along the river are wonderful.
      [overpacking] Lay out everything, take half away, then remove one more pair of shoes.
      [anyone in] I will be there until {weekday}! Coffee?
      [alone] First trip alone: somewhere with good trains and late dinners.
      [four days] The covered market, early. Then the botanical garden, late.
      [pack] Ear plugs. Always ear plugs.
    `,
    note: lines`
      [bells] They ring when Father Anselmo wakes up. Everybody knows that.
      [socks] It's always socks.
      [where exactly] Respect. Some places should be found.
      [eyebrows] The eyebrows bit is true in every country I have been to.
      [laundrette] Laundrette people are the best people.
      [bench] I have sat on that bench, I am sure of it.
      [disgrace] A disgrace of a bakery is still a bakery. Which one?
    `,
    any: lines`
      I can nearly smell the harbour.
      My passport is getting ideas.
      Home is nice as well, I tell myself.
      {person} still talks about their summer there.
      Eat everything.
      Going to look at maps now, thanks.
      Greetings from a very ordinary kitchen.
      [found|museum|arrived|days in] Was it crowded?
      [arrived|days|go in] Is it walkable?
      [arrived|days in|greetings|four days|bench|morning in] We went there on our honeymoon and it rained the whole week. Loved it.
      [arrived|days in|last morning] How did you get there, train or ferry?
      {subject} has been on my list for years.
      [arrived|pack|backpack|home from|days in] My suitcase is jealous.
    `,
  },
  bios: lines`
    Slow traveller
    Lost in {city}, on purpose
    Postcards, real ones
    Learning to say thank you in every language
    Usually in {city}, sometimes in {city}
    One bag, no plan
    Lived in {three|four|five} countries, fluent in apologising
    Collects ferry tickets
  `,
};
