import { lines, type Topic, words } from './topic';

export const books: Topic = {
  name: 'books',
  emoji: ['📚', '📖', '🤓', '☕', '🔖'],
  words: {
    book: words`a thousand-page family saga, a tiny novel about a lighthouse, a history of salt, an old spy novel,
      a book of letters between two sisters, a novel set in a single lift, a biography of a river,
      a crime novel without a murder, a collection of ghost stories, a memoir by a beekeeper, a science fiction trilogy,
      the fattest Russian I own, poems about motorways, a novel about a failing hotel, a cookbook that is really a love story`,
    place: words`the bath, the tram, the dentist's waiting room, a hammock, bed, the laundry room, the park, the back of a lecture`,
    shop: words`the second-hand shop by the bridge, the library sale, a box on the pavement, the station bookshop, a charity shop in {city},
      the bookshop with the rude cat`,
    reaction: words`cried on page {190-340}, laughed out loud on a silent train, missed my stop, cancelled my evening, forgot to eat`,
  },
  posts: {
    good: lines`
      Finished {*book} at two in the morning. Completely wrecked tomorrow, completely worth it.
      Reading {*book} in {place} and I {reaction}.
      Found {*book} in {shop} for {two|three} euros, with a stranger's shopping list still inside. Leeks, candles, "call M."
      Library day. Went in for one book, came out with {six|seven|nine}. Free! They just give them to you!
      {friend} pressed {*book} into my hands and said "don't read the back". Best advice of the year.
      Our book club actually discussed the book this time. For {twenty|thirty} whole minutes.
      My daughter read me a chapter tonight, instead of the other way round.
    `,
    bad: lines`
      {two|three} hundred pages into {*book} and I still don't know who anyone is. The family tree is a forest.
      Lent out {*book} in {2017|2019|2021}. I still look at the gap on the shelf.
      Dropped {*book} in the bath. It is now twice as thick and has a wave in it.
      The last chapter of {*book} is missing. Not in a literary way. Someone tore it out.
      Bought {*book} at {shop}. Came home. Already owned it. Twice.
      New covers for the series in the middle of the series should be a crime.
    `,
    ask: lines`
      I need a book for {a twelve-hour train ride|a hospital stay|two weeks by the sea|a friend who never reads}. Last thing I loved was {*book}.
      Do you finish books you don't like? I am on page {70-140} of {*book} and we are not getting on.
      Paper, e-reader or audiobook? I have moved house {twice|three times} this year and my back has questions.
      How do you arrange your shelves? Asking before I start a fight at home about colour.
      Is it wrong to read the end first? {person} does, and I don't know who I live with any more.
      Does anyone want {*book}? Loved, slightly bathed, free to a good home.
    `,
    note: lines`
      Where to find me: {place}, with {*book}. Do not disturb.
      Unread books on my shelf: {84-212}. Books bought this week: {three|four}. I see no connection.
      There is a special kind of quiet in a room where two people read different books.
      The best sentence in {*book} is on page {31-260}, and I will not tell you, because you have to arrive there tired.
      Bookmark inventory: one ribbon, one boarding pass, one leaf, one receipt for {shop}, one actual bookmark I keep losing.
      Re-reading {*book} after {ten|twelve|fifteen} years. Same words, different person holding it.
      The rude cat at the bookshop let me touch it. I bought {book} as a thank-you.
      I started writing one line about each book in the back of a notebook: where I was, and who I was cross with. {*book} says "on the ferry, with everybody". It is the best diary I ever kept, and I never meant to keep one.
    `,
  },
  comments: {
    good: lines`
      [read me a chapter] And did she do the voices?
      [don't read the back] The back always lies.
      [whole minutes] Thirty minutes! We have never got past the cheese.
      [seven|eight|nine|six] The record is fourteen. I needed a taxi.
      [finished|reading|found] I loved that one!
      [finished|reading|hands] Okay, {subject} goes on the list.
      [shopping list] The list inside the book is a novel in itself.
      [finished|reading] Don't tell me anything! I am halfway.
      [finished|cried] The ending! I had to walk around the block.
      [library] Libraries are the last good magic.
      [finished] Now read the sequel. Then call me.
      [missed my stop] A book that makes you miss your stop is a good book.
    `,
    bad: lines`
      [new covers] I have reported this to the authorities. There are no authorities.
      [wave in it] Now it is a limited edition.
      [gap on the shelf] Name them. We will find them.
      [bath] Rice? Does rice work for books? No?
      [who anyone is] You owe it nothing. Put it down.
      [family tree] The family tree gets worse before it gets better.
      [twice] Buy it a third time, for the symmetry.
      [lent out] I would never speak to them again. (I also have two of your books, I think.)
      [last chapter] A moment of silence for the last chapter.
    `,
    ask: lines`
      [colour] By colour is beautiful until you need to find something.
      [train ride] Anything with a map at the front.
      [end first] I read the last page in the shop. I'm not ashamed.
      [finish books] Fifty pages and then I decide. A hundred minus your age, says my aunt.
      [audiobook] Audiobooks for cooking, paper for everything else.
      [end first] Reading the end first should be on the form before people move in together.
      [shelves] By height, by colour, by mood. Anything but by the alphabet.
      [does anyone want] I'll take it! Bathed books welcome.
      [never reads] Try short stories, nobody can be afraid of eight pages.
      [i need a book] Something with islands. Islands always work.
      [e-reader] E-reader for trips, and a house full of paper for the soul.
    `,
    note: lines`
      [special kind of quiet] The best sound in any marriage.
      [best sentence] You can't just say that and not tell us!
      [with everybody] "On the ferry, with everybody" is a novel by itself.
      [re-reading] The book waits until you are ready.
      [no connection] No connection whatsoever.
      [unread] The gap between bought and read is called hope.
      [receipt] I also use receipts. It is a diary by accident.
      [rude cat] You have earned the cat's respect. It does not come twice.
    `,
    any: lines`
      Buying it on the way home. You are a bad influence.
      My reading list thanks you and hates you.
      The library has {two|three} copies, both out.
      I need more hours and fewer screens.
      {person} has been telling me to read it since {2014|2018|2020}.
      I judge by the first page only.
      Tea and that, please, for the rest of the year.
      [novel|saga|history|story|biography|memoir|trilogy|poems|letters|collection|book] Who wrote it?
      [novel|saga|russian|poems|letters] Is there a good translation?
      [re-reading|finished|reading] Mine is the edition with the awful cover and I defend it.
      Adding it to the pile. The pile is load-bearing by now.
      [finished|re-reading|loved|reading] Would you lend it to me? I give books back, ask anyone.
      [re-reading|finished] I read it too young, I think. Time for another go.
    `,
  },
  bios: lines`
    Reads the footnotes
    Always one chapter behind the book club
    Librarian, quietly
    Novels and night trains
    Reads in {place}
    More books than shelves
    Library card holder since age six
    Currently reading {book}
  `,
};
