import { lines, type Topic, words } from './topic';

export const cycling: Topic = {
  name: 'cycling',
  emoji: ['🚲', '🚴', '⛰️', '🔧', '💨'],
  words: {
    bike: words`the old steel Peugeot, the cargo bike, my folding bike, the gravel bike, a borrowed tandem, my mother's city bike,
      the fixed gear, the touring bike`,
    climb: words`the pass, the cobbled hill by the church, the switchbacks above the lake, the ramp under the motorway,
      the last climb before home, the gravel road to the hut`,
    part: words`a spoke, the chain, the rear derailleur, the front light, the saddle clamp, both tyres, the bottom bracket`,
    cargo: words`a Christmas tree, two kids and a cello, {fourteen|twenty} kilos of potatoes, a washing machine door, a very calm dog,
      another bicycle, a wardrobe in parts`,
    ride: words`{40-180} km, a loop around the lake, the commute, a night ride, the coast road, three valleys in one day`,
  },
  posts: {
    good: lines`
      {ride} on {*bike}. Sunburnt in a shape that can't be explained at work.
      Made it up {*climb} without getting off. A tractor driver applauded.
      New bike lane on our street! Actual kerbs! I rode it {three|four|five} times in both directions.
      Moved {cargo} with {*bike}. Who needs a van?
      {friend} and I did {ride} today and stopped at every single bakery. Average speed: irrelevant.
      Tailwind both ways. I know that's impossible. I was there.
      Rebuilt {*bike} over the winter from {two|three} dead ones. It clicks, but in tune.
      My {son|daughter|niece} rode without stabilisers today. Fifteen metres. I ran behind, shouting like a football manager.
    `,
    bad: lines`
      {part} gave up halfway up {*climb}. Long walk, good view.
      Two punctures, one patch. You do the maths.
      Headwind out, headwind back. I want to see the manager of wind.
      Somebody stole the saddle off {*bike}. Just the saddle. I rode home standing, like a king.
      Parked vans in the bike lane today: {seven|nine|eleven}. I counted so that I wouldn't shout.
      The sound {*bike} makes is "about {120-340} euros", according to the workshop.
    `,
    ask: lines`
      Is it {*part} that clicks, or is it my knee? How do I tell them apart?
      Best lock for {*bike} in {city}? Mine was cut in what looks like four seconds.
      Which rain trousers actually survive a daily commute?
      First tour, {four|five|six} days: tent or guesthouses? On {*bike}, with legs of average quality.
      What gear ratio for {*climb}? I'd like to arrive alive.
      Kids' seat or trailer for a {two|three}-year-old who likes to steer?
    `,
    note: lines`
      The correct number of bicycles is n + 1. The correct number of places to put them is n - 2.
      {*climb}: every time I forget how long it is, and every time the view forgives me.
      You never regret {ride}. You do regret not bringing a second sandwich.
      A boy on a tiny bike challenged me to a race at the lights. He won. He knew he would.
      Cleaned the chain of {*bike}. It's like adding a gear, and also like losing a towel.
      Commute log: {two|three} herons, one wedding, one man carrying a door. Cars: many, all standing still.
      After {six|eight|nine} months of cycling to work I did the sums. I saved {420-980} in fuel, spent {430-990} on {bike}, and know the names of three dogs along the way. I am ahead by three dogs.
    `,
  },
  comments: {
    good: lines`
      [who needs a van] Next time call me, I have straps.
      [bakery] Average pastries per hour is the only statistic I track.
      [kerbs] Actual kerbs! I may weep.
      [tailwind] It exists. I believe you.
      [made it up|km|ride|valleys] Chapeau!
      [made it up|km|valleys] Legs! 🚴
      [made it up] That's a proper test, well done.
      [tractor] The tractor driver knows.
      [sunburnt] I want a picture of the tan lines.
      [stabilisers] That first ride without stabilisers, I still remember ours.
      [clicks, but] A click in tune is basically a feature.
      [km|today|loop|coast|tailwind] What a day for it.
    `,
    bad: lines`
      [long walk] Every rider knows that walk.
      [seven|nine|eleven] I count buggies. We could start a bureau.
      [like a king] Rode home like a king 😂
      [headwind] The wind has no manager. I have asked.
      [puncture] I have a spare patch kit with your name on it.
      [vans] Report the vans, they do come round now and then.
      [workshop] That workshop is honest, at least. Mine only sighs.
      [gave up|puncture|saddle] Ugh. Hope you got home before dark.
    `,
    ask: lines`
      [rain trousers] None of them. We all just learn to be damp.
      [lock] An ugly bike. Best lock there is.
      [tent] Tent for two nights, then a bed, then you decide.
      [clicks] If it clicks when you coast, it's the bike. If it clicks on the stairs, it's the knee.
      [guesthouses] Guesthouses. You will thank me when it rains.
      [lock] Two cheap locks of different kinds beat one expensive one.
      [trailer] Trailer! Room for snacks and negotiations.
      [gear ratio] Lower than you think. Nobody ever complained about too many easy gears.
      [rain trousers] The ones for fishermen. Ugly, immortal.
      [clicks] Check the pedals first, it's always the pedals.
    `,
    note: lines`
      [herons] A man carrying a door is worth at least two herons.
      [losing a towel] Old T-shirts! Save the towels.
      [view forgives] Every time.
      [n \+ 1] n + 1, and don't let anyone tell you otherwise.
      [three dogs] Ahead by three dogs is a great year.
      [race at the lights] He trains for that light every day.
      [sandwich] The second sandwich is the most important piece of kit.
    `,
    any: lines`
      Happy chain, happy life.
      I felt that hill in my chair.
      Two wheels good.
      My bell is jealous.
      {person} just bought an e-bike and is impossible now.
      Ride safe!
      I only cycle downhill, on principle.
      Coffee at the top?
      [km|gravel|puncture|tour|bike on] What tyres are you on?
      [pass|switchbacks|coast|gravel road|climb] I did that road on a rental with one gear. Never again. Well, maybe.
      [lake|coast|loop] Is the path along the river open again?
      Bells on, lights on, happy days.
      [commute|rain|winter] Mudguards. That's my whole comment.
      [loop|lake|coast|valleys] Which way round did you ride it?
    `,
  },
  bios: lines`
    Tailwind optimist
    Bike mechanic at weekends
    Sixteen gears, uses four
    Rides in all weathers, complains in most
    Everyday cyclist
    n + 1 bicycles
    Hills, eventually
    Hauls things by cargo bike
  `,
};
