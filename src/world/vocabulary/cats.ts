import { lines, type Topic, words } from './topic';

export const cats: Topic = {
  name: 'cats',
  emoji: ['🐈', '😸', '🐾', '😹', '🐈‍⬛'],
  words: {
    cat: words`Miso, Biscuit, Olive, Pixel, Madame, Waffles, Luna, Dumpling, Tofu, Nala, Pickle, Mango, Beans, Button,
      Duchess, Mochi, Juno, Crumpet, Saffron, Mrs Patterson`,
    spot: words`the clean laundry, my keyboard, the warm printer, a box half her size, the bathroom sink, the top of the fridge,
      the only chair, the suitcase, inside the lampshade, the sourdough`,
    crime: words`pushed a full glass off the table while looking at me, stole a whole sausage, opened the cupboard again,
      unrolled three metres of toilet paper, ate the corner of an important letter, walked across a video call,
      brought me a live mouse, licked the butter`,
    hour: words`3:40, 4:15, 4:50, 5:05, ten past five`,
    vetphrase: words`"robust", "a strong personality", "perfectly healthy, just dramatic", "a big boy", "opinionated"`,
  },
  posts: {
    good: lines`
      {*cat} slept on my feet all night. I have not moved since yesterday.
      We went to the shelter "just to look". This is {*cat}.
      {*cat} turned {twelve|fifteen|seventeen} today. There was tuna. There were speeches.
      After {three|five|six} weeks behind the sofa, {*cat} came out, sat on my lap and started to purr. I did not breathe.
      {*cat} has discovered {spot}. We have lost her, but she is happy.
      Vet says {*cat} is {vetphrase}. We knew.
      {friend} is looking after {*cat} for a week and I get a photo every hour. This is the service I need from everyone.
    `,
    bad: lines`
      {hour} in the morning. {*cat} would like it known that the bowl is only half full.
      {*cat} {crime}. No remorse.
      New scratching post, {55-120} euros. {*cat} prefers the box.
      {*cat} {crime}, and then fell asleep on {spot} like nothing happened.
      Needed one pill to go into {*cat}. It took two people, a towel and most of our dignity.
      {*cat} has been staring at the same empty corner for an hour. I'm moving out.
    `,
    ask: lines`
      How do I convince {*cat} that {hour} is not breakfast?
      Second cat: yes or no? {*cat} is {four|six|nine} and believes she is the only cat in the world.
      Does anyone else's cat sit on {spot}, or is ours broken?
      Need a name for a small grey cat who {crime} on her first day with us.
      Any tips for a {two|three}-hour train journey with {*cat}, who sings?
      Which plants are safe? {*cat} has started on the balcony and is working her way in.
    `,
    note: lines`
      {*cat} {crime}. That's the whole story.
      Current location of {*cat}: {spot}. Current location of my work: underneath.
      I pay the rent. {*cat} owns the flat. We have an understanding.
      The neighbour's cat visits every day at four, checks all the rooms, and leaves. I feel we pass inspection, but only just.
      {*cat} versus the new vacuum robot, day {two|three|four}: there is a truce. She rides it.
      Today I learnt that {*cat} has a second family, a second name and a second dinner {two|three} doors down.
      Whoever says cats don't care has never had the flu with one. {*cat} did not leave my side for {three|four} days. She also did not stop asking for dinner. Both can be true.
    `,
  },
  comments: {
    good: lines`
      [vet says] "Robust" 😂 ours was called "ambitious".
      [not moved] Legally you can't move. There are laws.
      [photo every hour] I would pay for this as a service.
      [behind the sofa] I held my breath as well.
      {subject}! 😻
      Give {subject} a scratch behind the ears from me.
      [just to look] "Just to look" is how we got all three of ours.
      [purr] The purr! There is no better sound.
      [slept|look|sofa|discovered|photo] More pictures. This is not a request.
      [turned] Happy birthday, your majesty.
      My heart 💛
      [look|slept|sofa] Lucky cat. Lucky you.
    `,
    bad: lines`
      [half full] Half full means half empty means starving. Basic physics.
      [dignity] Two people is optimistic. We need three and a distraction.
      [euros] Return the post, keep the packaging.
      [box] The box is always better. The box comes free.
      [no remorse|bowl|nothing happened|staring|box] {subject} did nothing wrong.
      [morning|breakfast] Ours does it too. We bought an automatic feeder and now he wakes us up to watch it.
      [no remorse|nothing happened] Crimes!
      [pill] Try wrapping it in cheese. The pill, not the cat.
      [no remorse|nothing happened] No jury would convict that face.
      [staring] She sees the ghosts. Be polite to them.
    `,
    ask: lines`
      [second cat] No. (We have four.)
      [plants] Cat grass as a decoy. Works for about a day.
      [breakfast] Automatic feeder. Then you are no longer the one who can be woken.
      [second cat] Second cat: yes. Give them a door between them for the first two weeks.
      [need a name] Name suggestion: {Trouble|Crumpet|Bandit|Evidence|Moth}.
      [broken] Ours is broken in the same way.
      [plants] Spider plants are fine, lilies are absolutely not.
      [train] A blanket that smells of home over the carrier. And earplugs for everyone else.
      [convince] You don't convince them. You go to bed earlier.
    `,
    note: lines`
      [flu] Best nurse I ever had. Terrible with the soup.
      [two things|the whole story] I would like to hear the cat's side.
      [location] Mine is on my arm. I'm typing with the other one.
      [rides] "She rides it" 😂
      [inspection] The daily inspector! We have one too, ginger, very strict.
      [rent] That is simply the contract.
      [second dinner] A second dinner. Honestly, goals.
    `,
    any: lines`
      Queen.
      Look at those whiskers.
      Please give regular updates.
      I don't even like cats, and here I am.
      {person} is allergic and still wants one.
      Cats: all the drama, none of the rent.
      Tiny tiger.
      How does anyone get anything done in that house?
      We need to see {subject}.
      What a character.
      I read this to my cat. She agrees with yours.
      [pushed|stole|opened|walked|remorse] Mine just knocked over my tea in solidarity.
      Is that a tabby? I have a weakness for tabbies.
      [remorse|pushed|stole|bowl|breakfast|owns|nothing happened] The audacity 😹
    `,
  },
  bios: lines`
    Two cats, one lint roller
    Retired from having a clean sofa
    Fluent in meow
    The cat runs this account
    Servant of {two|three} cats
    {cat}'s human
    Covered in cat hair
    Works from home under a cat
  `,
};
