import { lines, type Topic, words } from './topic';

export const baking: Topic = {
  name: 'baking',
  emoji: ['🍞', '🥐', '🍰', '🧁', '😍'],
  words: {
    bake: words`sourdough, cardamom buns, focaccia, lemon drizzle cake, pastéis de nata, rye bread, challah, brownies, a plum cake, croissants,
      shortbread, pão de queijo, cheesecake, cinnamon rolls, naan, macarons, a birthday cake in the shape of a digger, apple strudel`,
    starter: words`Gerty, Clint Yeastwood, Bubbles, the Beast, Doughlores, Brian, an unnamed jar`,
    flaw: words`flat, burnt underneath, raw in the middle, the size of a coaster, one single giant hole with a crust, proud but hollow, salty. Very salty`,
    audience: words`the office, the neighbours, school, my grandmother's birthday, the village fête, no reason at all`,
    trick: words`a night in the fridge, weighing the eggs, a pan of boiling water in the oven, brown butter, less flour than you dare,
      an oven thermometer, doing nothing for an hour`,
  },
  posts: {
    good: lines`
      {*bake}, still warm, eaten standing up. There's no other way.
      {*bake} for {audience}. The tin came back empty and washed. I must have raised these people myself.
      The difference was {trick}. {Three|Four|Six} years of baking and it was {trick}.
      {starter} is {four|six|eight} years old today. I baked {*bake} in honour of the jar.
      Listen to the crust of this {rye|sourdough|challah|focaccia}. I'm serious. Put your ear to the loaf. It sings.
      {friend} taught me to fold the dough, and I have been folding everything since. Dough, laundry, letters.
      Got up at {four|five} to make {*bake} for {audience}. The house smells like a reason to live.
    `,
    bad: lines`
      {*bake}, attempt {two|three|five}: {flaw}.
      I forgot the salt. In bread. {Fourteen|Twelve|Eighteen} hours of love and no salt.
      {starter} has escaped the jar and taken the shelf. Negotiations are under way.
      Made {*bake} for {audience}. The dog got there first.
      The oven light is broken, so I now bake by faith alone.
      Everyone on the internet has an open crumb. Mine is a closed book.
    `,
    ask: lines`
      Why is my {*bake} {flaw}? I followed everything, apart from the parts I didn't.
      How do you keep {*bake} fresh for {two|three} days, assuming superhuman self-control?
      What do I bake for {audience} with no eggs, no nuts, and somebody who "doesn't like cake"?
      Going away for {three|five} weeks. Can {starter} survive in the fridge, or does it need a sitter?
      Stand mixer: life-changing, or the most expensive bowl I'll ever own?
      Does {trick} really make a difference for {bake}?
    `,
    note: lines`
      {*bake} today. {trick}. That's all I know.
      Recipes that say "knead until it feels right" are written by people who were loved as children.
      A kitchen timer is just a small, honest friend.
      The neighbours ring the bell now whenever they smell {*bake}. No excuse, no sugar to borrow. Just hope.
      Baking is chemistry for people who want to be hugged.
      I use my grandmother's tin for {*bake}. It has a dent from {1961|1974|1958}, and a story about the dent that changes every time somebody tells it. In the version I like best, my grandfather was aiming for the cat, missed, and proposed instead.
    `,
  },
  comments: {
    good: lines`
      [years old today] Older than my relationship. Happy birthday, jar.
      [i was .* raised|raised these] An empty AND washed tin. Keep these people.
      [letters] Please come and fold my laundry.
      [warm|got up|sings] I would like to marry this.
      [crust|sourdough|bread|loaf|focaccia] The crust! 😍
      [fold|warm|difference|sings|got up] Teach me.
      [warm|smells] Anything warm from the oven is illegal levels of good.
      [sings] I can hear it from here.
      [warm|tin|got up|made] Is there any left? I'm two streets away.
      [tin] Best tin in the neighbourhood, we all know it.
      [warm|tin|got up|attempt] You should sell these. I'd queue.
    `,
    bad: lines`
      [escaped] Do not negotiate. It has demands.
      [closed book] Closed books are good too, they hold the butter.
      [eighteen|fourteen|twelve] All that love and no salt. That's a country song.
      [salt|attempt] Toasted, with butter, nobody will know.
      [dog got] The dog has taste.
      [no salt] No salt! I did that for a wedding once. I still dream about it.
      [attempt|closed book] Call it rustic, charge double.
      [attempt] Looks like my first {three|ten|twenty}.
      [flat|attempt] Is your yeast alive? Check its pulse.
      [faith] By faith alone 😂
    `,
    ask: lines`
      [superhuman] Lock it in the car. Give somebody else the key.
      [difference] Night and day. Mostly night.
      [why is my] Probably underproofed. Give it another hour and look away.
      [fresh] Freeze it in slices. Future you will be grateful.
      [sitter] Starter sleeps fine in the fridge for a month. It will be grumpy, then fine.
      [no eggs] Banana bread without eggs works. Even on people who don't like cake.
      [stand mixer] Life-changing, but buy it used.
      [why is my] Hotter oven, I think. Most of them lie by {15|20|30} degrees.
      [why is my|difference] Less flour. It's nearly always less flour.
    `,
    note: lines`
      [hugged] I have never felt so understood.
      [ring the bell] I'd move in next door.
      [all i know] It's all anyone needs to know.
      [timer] Small, honest friend. Mine is shaped like a hen.
      [dent] The dent story!! More versions please.
      [just hope] Just hope 🥹
      [loved as] I was loved as a child and I still need a photo of what "right" looks like.
    `,
    any: lines`
      Butter. That's my whole contribution.
      Save me a corner piece!
      I can only do toast, but I do it well.
      Carbs are love.
      {person} would cross town for this.
      My oven and I are not on speaking terms.
      Now I have to bake something. Look what you've done.
      [bread|sourdough|focaccia|loaf|rye|rolls|naan] Which flour?
      [attempt|warm|why is my|oven] What temperature do you bake at?
      [jar|shelf|sitter|starter|years old|sourdough] My starter is called {starter} and it judges me.
      Recipe, or it didn't happen.
      I gained weight reading this, and it was worth it.
      [warm|smells|today|got up] The house must smell incredible.
    `,
  },
  bios: lines`
    Sourdough survivor
    Gets up early for croissants
    Eats the ends of the loaf
    Cake first
    Flour on everything
    Keeper of a sourdough named {starter}
    Bakes for {audience}
    Buns, mostly
  `,
};
