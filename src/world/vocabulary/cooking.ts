import { lines, type Topic, words } from './topic';

export const cooking: Topic = {
  name: 'cooking',
  emoji: ['🍳', '🍲', '🌶️', '😋', '🥘', '🍜'],
  words: {
    dish: words`dal, shakshuka, mushroom risotto, jollof rice, pierogi, mapo tofu, ramen, aubergine parmigiana, fish tacos,
      pea soup, biryani, moussaka, okonomiyaki, chicken adobo, leek and potato soup, gnocchi, pho, lentil bolognese,
      bibimbap, paella, black bean chilli, massaman curry, pelmeni, feijoada`,
    ingredient: words`miso, preserved lemon, smoked paprika, brown butter, fresh curry leaves, anchovies, tamarind, sumac,
      a parmesan rind, too much garlic, fish sauce, fermented chilli, dill, black cardamom`,
    tool: words`a carbon steel pan, the pressure cooker, a cheap mandoline, my grandmother's pot, a rice cooker,
      a decent peeler, the big mortar, a probe thermometer`,
    disaster: words`set off the smoke alarm, used the sugar instead of the salt, forgot the rice on the stove,
      dropped the entire lid in, misread tablespoons as cups, cut the chillies and then rubbed my eye,
      defrosted the wrong box`,
    guest: words`my in-laws, six people and a baby, the neighbours, my old flatmates, {person}, four hungry teenagers`,
  },
  posts: {
    good: lines`
      Made {*dish} from scratch for the first time and it tastes like someone else's grandmother helped.
      The secret was {ingredient}. The secret is always {*ingredient}.
      {*dish} on the stove, rain on the window, nowhere to be. Perfect {weekday}.
      {friend} came over and taught me the proper way to make {*dish}. I have been doing it wrong for {five|eight|ten|twelve} years.
      Cooked {*dish} for {guest}. There were no leftovers, which is the only review I trust.
      Finally bought {tool} and I would like to apologise to everyone who told me to do it years ago.
      Tonight: {*dish}, a cold beer and the good plates, because why are we saving the good plates?
      A jar of {*ingredient} has improved my life more than any app.
    `,
    bad: lines`
      Tried to make {*dish} for {guest}. Instead I {disaster}. We had toast.
      I {disaster}. Dinner is now cereal.
      The recipe said {20-35} minutes. It has been two hours. The onions are still "nearly there".
      Followed the recipe for {*dish} to the letter and it is somehow both dry and soup.
      Why does every {*dish} recipe start with the author's divorce, a dog and a view over a lake?
      Dropped {tool} on the new tiles. One of them survived. It was not the tile.
    `,
    ask: lines`
      What do I do with an entire jar of {*ingredient}? I needed one teaspoon.
      How do you stop {*dish} from sticking? I have a non-stick pan that does not know it is one.
      Cooking for {guest} on {weekday}: {*dish}, or is that too much for someone who panics?
      Best vegetarian version of {*dish}? It has to convince my father.
      What is the one dish you could cook blindfolded? Mine is {*dish}, mostly because I have no other.
      Is {tool} worth it, or will it end up on top of the cupboard with the pasta machine?
    `,
    note: lines`
      {person} asked for my {*dish} recipe. It is "until it looks right". I am turning into my mother.
      There are two kinds of people: those who measure {*ingredient} and those who are happy.
      Freezer archaeology: found {*dish} labelled "soup?" from two years ago. Ate it. Still here.
      Doubling the garlic is not cooking, it is a way of life.
      My mother on the phone, on {*dish}: "a bit of this, some of that, cook it until your uncle walks in."
      Sunday plan: one big pot of {*dish}, five boxes, five evenings of feeling like an organised person.
      Notes to my future self about {*dish}: salt earlier, stir less, trust the lid. And open the window before you start, not after the neighbours have knocked.
    `,
  },
  comments: {
    good: lines`
      [finally bought] Welcome. We have been waiting for you.
      [good plates] Yes to the good plates! Every day is a day.
      [leftovers] Empty plates are the best applause.
      [doing it wrong] Now you have to teach the rest of us.
      [made|stove|cooked|tonight|scratch|proper way] Recipe please!
      [made|stove|cooked|tonight] I can smell this from here.
      My comfort food as well: {subject}. With extra lime.
      Now I am hungry and it is {9-11} in the morning.
      [made|stove|proper way] This is exactly how my aunt makes it.
      [secret|jar|tonight] You had me at {ingredient}.
      [made|stove|cooked|tonight] Can I come over? I bring dessert and do the dishes.
      [cooked|made|tonight] Beautiful. What did you serve with it?
      Adding {subject} to the list for the weekend.
    `,
    bad: lines`
      [divorce|lake] And the dog is called Basil. It is always called Basil.
      [dropped] A moment of silence for the tile.
      [rubbed my eye] Milk! Not water, milk.
      [toast|cereal] Toast is underrated.
      [onions|minutes] Onions never caramelise in the time they say. Never. It is the great lie.
      [instead i|dry and soup|cereal] We have all been there. I once served it anyway and called it rustic.
      [smoke alarm] The smoke alarm is just cheering you on.
      [instead i|dry and soup|dinner is now] At least nobody got poisoned? …nobody got poisoned, right?
      [smoke alarm|stove|dry and soup] Next time lower heat and more patience. Says me, who has neither.
    `,
    ask: lines`
      [vegetarian] My father never noticed. I told him a year later.
      [panics] Cook one thing, buy the rest, light candles.
      [entire jar] Stir it into yoghurt with lemon. Thank me later.
      [entire jar] Half in butter on pasta, the other half as a marinade.
      [sticking] Hotter pan, then leave it alone. The leaving alone is the hard part.
      [too much for] Do it! It always looks harder than it is.
      [vegetarian] Mushrooms, well browned, and a splash of soy. Fooled my whole family.
      [worth it] Worth it. I use mine {three|four|five} times a week.
      [cooking for] I would make it the day before, it gets better overnight.
      [blindfolded] Omelette. I could do it asleep and probably have.
    `,
    note: lines`
      [recipe] My mother's version has "a glass" of things, and nobody knows which glass.
      [freezer] Never label anything. Dinner should have some suspense.
      [five boxes] By Wednesday I always hate my own boxes.
      [open the window] Ours came with a fire extinguisher. The neighbour, I mean.
      [uncle] "Until your uncle walks in" is a unit of measurement in our house too.
      [freezer] The freezer question mark soup is always the best soup.
      [garlic] Double? Triple.
      Saving this comment section for dinner.
    `,
    any: lines`
      What time is dinner?
      Saving this for a rainy evening.
      My grandmother would approve, and she approves of nothing.
      This calls for more bread.
      I can only do eggs, but I do them with conviction.
      {person} swears by adding {ingredient}.
      Try it with {ingredient}, trust me.
      I grew up on {subject}, this made me homesick in the best way.
      My version has no {ingredient} and my cousin has not forgiven me.
      Every family has exactly one correct way of doing it, and they are all different.
      [stick|pan] Which pan do you use?
      We had the same yesterday!
      [stick|rice|bottom] The crispy bits are the best bits.
    `,
  },
  bios: lines`
    My love language is soup
    Dumpling maximalist
    One pot, many opinions
    Cooking my way through my grandmother's notebook
    Cooks too much, on purpose
    Team extra garlic
    Home cook with a full freezer
    Will travel for noodles
    Recipes, mostly approximate
  `,
};
