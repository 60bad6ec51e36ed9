import { lines, type Topic, words } from './topic';

export const parenting: Topic = {
  name: 'parenting',
  emoji: ['👶', '😅', '🧸', '🖍️', '💛'],
  words: {
    kid: words`my three-year-old, my son, my daughter, the toddler, our youngest, my six-year-old, the twins, my teenager, the eldest`,
    question: words`"do worms have birthdays?", "who was the first person to be late?", "when you were little, was there already colour?",
      "is the moon following only us?", "why is it called a building if it's already built?", "do fish know they are wet?",
      "can I have a smaller vegetable?", "what is the opposite of a spoon?"`,
    food: words`plain pasta, the wrong toast, a banana that broke, peas (touching other food), soup in the blue bowl, rice with "bits"`,
    event: words`the school play, sports day, the parents' evening, the swimming badge, the kindergarten potluck, the class hamster's weekend visit`,
    item: words`one shoe, the beloved rabbit, a recorder, seventeen stones, glitter, a library book from last year, an egg`,
  },
  posts: {
    good: lines`
      From the back seat today: {*question}. I have no answer and I love them.
      {*event} tonight. {A tree|Third sheep from the left|The narrator|A very serious cloud}. Outstanding performance, no notes.
      They slept through. Both of them. I woke up at four from the silence.
      Read the same book {eleven|fourteen} times today. I know now that the bear is the real hero.
      Found a note in my lunch box in very wobbly letters: "hav a god day". I am having a god day.
      {friend} took the kids for {two|three} hours. I sat in a café and stared at a wall. It was magnificent.
      First lost tooth! The going rate seems to have risen sharply since my time.
    `,
    bad: lines`
      Meltdown at dinner over {*food}. Theirs first, then mine.
      It is {6:10|5:40|5:25} on a Sunday and someone has discovered {*item}.
      Nobody told me about {*event}. I need a costume by eight tomorrow. The costume is "autumn".
      Stepped on a brick. A small plastic one. The big ones would have hurt less.
      We are now the family with the nits. Please respect our privacy at this time.
      Found {*item} in the washing machine. After the wash.
      My teenager said I was "actually okay today" and I have been ill with joy and suspicion ever since.
    `,
    ask: lines`
      {*question} Genuinely, what do I say to that?
      How do you get a {two|three|four}-year-old to wear a coat? We have tried reason, songs and cold.
      What do you put in the lunch box when all they eat is {*food}?
      Birthday party for {eight|nine|eleven} children, small flat, rain. Help.
      At what age did yours walk to school alone? I'm ready. They're ready. It's my mother who isn't.
      Lost on the tram: {item}. Irreplaceable. Does anyone know where I can get an identical one without anyone noticing?
    `,
    note: lines`
      Bedtime took {ninety|seventy|a hundred} minutes. We covered death, planets, and whether {broccoli|soup|the moon|a sock} has feelings.
      Contents of my coat pocket, today: {item}, a leaf that is "for later", half a biscuit. I don't have children in my pocket. They have me in theirs.
      {question} — {*kid}, {7:05|on the loo|at a funeral|in a full lift, loudly}.
      Parenting is saying "gently" in ever louder voices.
      We have a rule that everybody says one good thing at dinner. Today's: "I had a long stick."
      You spend the first years wishing they would sleep and the later ones wishing they would get up.
      Today I overheard the eldest explaining to the little one how to tie shoes, in exactly my words and exactly my voice, including the sigh. I stood in the hall for a while. Then I went and practised a smaller sigh.
    `,
  },
  comments: {
    good: lines`
      [slept through] And then you check that everyone is breathing. At four. In the dark.
      [bear] The bear carries that book.
      [cloud|tree|narrator] No small parts, only small costumes.
      [tooth] Ours negotiated. In writing.
      [third sheep] Third sheep from the left is the heart of any production.
      [god day|slept|read the same] Crying at my desk, thank you.
      [hav a] "Hav a god day" should be on a flag.
      [back seat|lost tooth|note] Protect them at all costs 💛
      [worms] Worms absolutely have birthdays.
      [at a wall] Staring at a wall is self-care.
      [note in] Frame it. You will be glad in fifteen years.
      What a gem.
    `,
    bad: lines`
      [nits] My head itches now. Thanks.
      [washing] At least it's clean.
      [okay today] "Actually okay" is a standing ovation.
      [sunday] Ours found the recorder. You got off lightly.
      [autumn] Autumn costume: brown jumper, glue, leaves. Go.
      [meltdown] Solidarity. Ours cried because the moon was "off".
      [nits] Tea tree shampoo, good comb, a long film. You'll be fine.
      [wrong toast] The wrong toast! There is no coming back from the wrong toast.
      [meltdown|sunday] It gets better. Then different. Then better.
      [brick] I laughed, and then my foot hurt in sympathy.
    `,
    ask: lines`
      [coat] Let them choose the wrong coat. It's still a coat.
      [party] Cake first, everything else is optional.
      [what do i say] Write it down, look serious, promise to ask an expert.
      [tram] Secret twin rabbits. We have three of them in rotation.
      [what do i say] "What do you think?" buys me at least ten minutes.
      [wear a coat] Let them go without and carry the coat. Two minutes of weather did it for us.
      [party] Treasure hunt, in one room, on paper. Works from four to forty.
      [school alone] Ours was eight. I followed at a distance, wearing a hat. Not proud.
      [plain pasta|lunch box] Plain pasta is a food group. Stop worrying.
      [tram] Ask the tram company, ours had a whole cupboard of rabbits.
      [lunch box] Pancakes cut into strips. I don't know why the strips matter, but they do.
    `,
    note: lines`
      [feelings] And? Does it?
      [pocket] Mine: one acorn, named.
      [wishing] Mine is seventeen. I haven't seen the morning one in years.
      [funeral|lift] Children have perfect timing.
      [long stick] "I had a long stick." A perfect day.
      [leaf] A leaf for later is the most sensible thing anyone saved.
      [sigh] The sigh! Oh no. Mine do the eyebrows.
      [gently] Gently!! 😅
    `,
    any: lines`
      I am so glad I am not the only one.
      They are going to go far.
      Reading this hidden in the bathroom.
      Kids are the best comedians.
      {person} says I was worse.
      Tiny philosophers, all of them.
      You are doing great, by the way.
      Same house, different street.
      How old are they now? It can't be that long already.
      Ours is exactly the same.
      I needed this today.
      Write these down, you think you'll remember and you won't.
      My mother says this is revenge.
      [glitter|meltdown|sunday|bedtime] Hang in there. And hide the glitter.
    `,
  },
  bios: lines`
    Expert in plain pasta
    Bedtime negotiator
    Raising {two|three} critics
    Grandmother of {four|five|six}
    Parent of {two|three}, owner of no pens
    Dad jokes, unfortunately genetic
    Mum, aunt, referee
    Tired, happy, sticky
  `,
};
