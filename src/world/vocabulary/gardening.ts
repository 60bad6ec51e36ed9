import { lines, type Topic, words } from './topic';

export const gardening: Topic = {
  name: 'gardening',
  emoji: ['🌱', '🍅', '🌻', '🪴', '🐌', '🌿'],
  words: {
    crop: words`the tomatoes, the courgettes, the runner beans, my chillies, the rhubarb, the sweet peas, the dahlias,
      the raspberries, my one aubergine, the potatoes, the basil, the sunflowers, the garlic, the lemon tree, the strawberries,
      the chard, the pumpkins, the fig in the big pot`,
    pest: words`slugs, aphids, the neighbour's cat, pigeons, vine weevils, snails with no fear, one determined squirrel,
      cabbage whites, powdery mildew`,
    place: words`the allotment, the balcony, the back garden, the greenhouse, the windowsill, the community garden,
      the raised beds, the roof terrace`,
    visitor: words`a hedgehog, two goldfinches, a toad, more bees than I can count, a wren, a hummingbird hawk-moth, a fox`,
    remedy: words`coffee grounds, copper tape, garlic water, a saucer of beer, netting, nettle tea, companion planting, kind words`,
  },
  posts: {
    good: lines`
      First harvest from {place}: {*crop}. All {three|four|six} of them. I have never been so proud of a vegetable.
      {visitor} has moved into {*place}. I charge no rent.
      {*crop} finally came up, {ten|twelve|sixteen} days after I had given up and apologised to the pot.
      Swapped seedlings over the fence with {person}. I gave away {crop}, I got gossip and rhubarb.
      Spent the entire {weekday} at {*place} with my hands in the soil. No notifications in there.
      {friend} gave me a cutting last year. Look at it now. Look at it!
      The compost is warm. I stood there with my hand over it like a wizard.
      Everything in {*place} decided to flower on the same day and I had to sit down.
    `,
    bad: lines`
      {pest}: 1. {*crop}: 0.
      Came back from a week away. {*crop} went ahead without me and then died of it.
      Tried {remedy} against {pest}. They seem to enjoy it.
      Hail for {four|five|seven} minutes, and that was {*crop} for the year.
      Who has been telling the {pest} about {*place}? Own up.
      Labelled all the seedlings with a pen that, it turns out, hates water. Surprise garden it is.
    `,
    ask: lines`
      Yellow leaves on {*crop}: too much water, too little, or just spite?
      Does {remedy} actually work against {pest}, or is it something we tell each other for comfort?
      What would you plant in {place} if it only gets {three|four} hours of sun?
      Anyone want {*crop}? I sowed for a family of eleven and there are two of us.
      When do you stop feeding {*crop}? The packet and {person} disagree.
      Best way to water {place} while I am away for {ten|twelve} days? Bottles, wicks, bribing the neighbours?
    `,
    note: lines`
      {*crop} update: taller than me, no fruit, great confidence.
      Gardening is just moving the same wheelbarrow of soil back and forth until you die. I love it.
      {person} came to see {*place} and said "very natural". I choose to take that as a compliment.
      Planted {*crop} exactly where I planted them last year, because I learn nothing.
      There is a particular silence in {*place} at around seven in the evening, when the watering is done and the swifts are still up.
      Things I have learnt from {place} this year: sow less, mulch more, never turn your back on a courgette, and give the seedlings you thin out to somebody with a balcony. They will send you pictures for months.
    `,
  },
  comments: {
    good: lines`
      [compost] A warm compost heap is the greatest wealth.
      [hand over it] I have done the wizard hand. We all have.
      [gossip] The gossip is the real harvest.
      [no rent] Luxury tenants!
      [cutting] I killed mine in a week. Please don't tell.
      [harvest|came up|look at it|flower] Look at that! 🌱
      [harvest] Homegrown anything tastes better, it is science.
      Jealous. My {balcony|windowsill|patch} is mostly hope.
      [harvest|came up] {subject}! You must be doing something right.
      [harvest|came up] What soil are you using?
      [swapped|harvest] Would you swap some for courgettes? I have so many courgettes.
      [flower|moved in] The bees will be so pleased.
      [flower|look at it] Gorgeous. Please post it again in a month.
    `,
    bad: lines`
      [pen that] A surprise garden is the best garden.
      [a week away] Plants know. They wait until you have locked the door.
      [seem to enjoy] We put out beer once. They brought friends.
      [slug|snail] The slugs send their regards.
      Gardening is {70|80|90} percent failure and we keep coming back.
      [hail|died|: 0] Lost mine the same way. Next year!
      [hail|died|: 0] You could still sow something quick. Radishes forgive everything.
      [pigeon|whites|squirrel|: 0] Netting. It looks awful and it works.
      [died|: 0|hail] My condolences to {subject}.
    `,
    ask: lines`
      [disagree] The packet has never met your soil.
      [anyone want] Leave some on the wall with a sign. Works on our street.
      [comfort] Comfort, mostly. But comfort counts.
      [yellow|water] Too much water. It is nearly always too much water.
      [yellow|water] Stick a finger in the soil up to the second knuckle, that's the only meter you need.
      [hours of sun] Chard and lettuce don't mind shade at all.
      [anyone want] I would take some of {subject}! I can come by on {weekday}.
      [bribing] Bribe the neighbours. Works with tomatoes every time.
      [yellow] Check under the leaves first, then worry.
      [slug|vine weevil] Nematodes. Sounds horrible, works like a charm.
      [wicks] Wicks from old T-shirts kept mine alive for two weeks.
    `,
    note: lines`
      [wheelbarrow] You forgot the part where you lose the trowel in it.
      [thin out] I got {two|three} of those orphans. They are taller than me now.
      [confidence] Great confidence is half the battle.
      [very natural] "Very natural" is the highest praise there is.
      [swifts] Swifts make any evening.
      [learn nothing] We learn nothing together 🤝
    `,
    any: lines`
      I can smell the soil from here.
      How long did that take?
      You inspire me to water my one plant.
      {person} talks to theirs. It works, apparently.
      The garden has taught me more patience than anything else has.
      Next year, we say, every year.
      Could I have a cutting?
      [balcony|allotment|garden|greenhouse] Is that {place}? It has changed so much.
      Mine are two weeks behind yours.
      [against|slug|snail] My grandfather swore by eggshells. No idea whether it did anything.
      I only manage to keep one cactus alive, so this is magic to me.
      [update|yellow|came up] How often do you water {subject}?
      [mulch|water|soil|learnt] Mulch! Everything gets better with mulch.
    `,
  },
  bios: lines`
    Will swap cuttings
    Tomatoes, patience
    Compost enthusiast
    Talks to plants, some answer
    Balcony gardener, slug diplomat
    Growing more courgettes than is reasonable
    Soil under the fingernails
    Allotment plot {3-48}
    Plants, mostly alive
  `,
};
