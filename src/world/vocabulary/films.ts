import { lines, type Topic, words } from './topic';

export const films: Topic = {
  name: 'films',
  emoji: ['🎬', '🍿', '🎥', '📽️', '😭'],
  words: {
    film: words`a three-hour film about a farm, a silent comedy from 1926, the detective series everyone has already seen, a documentary about eels,
      a Korean heist film, an old musical, a western without horses, a horror film about a lamp, the new one by that Danish director,
      a road movie set in {country}, a cartoon that is not for children, a courtroom drama, the space opera, a film with forty lines of dialogue`,
    venue: words`the little cinema by the bridge, row {5-12}, an open-air screening, the sofa, a film club in a basement, the last cinema with curtains,
      a plane, the film festival`,
    snack: words`sweet popcorn, salty popcorn, smuggled dumplings, nachos, an entire baguette, liquorice`,
    flaw: words`the ending, the wigs, the talking dog, the accent, the love story, the middle hour, the music`,
  },
  posts: {
    good: lines`
      Saw {*film} at {venue} and walked home the long way. Two hours later and I'm still in it.
      {person} fell asleep during {*film}. I did not so much as blink.
      A full cinema laughing at {*film}. I had forgotten that sound.
      {*film}: {eight|nine|ten} out of ten, one point off for {flaw}.
      Film club with {friend}: {*film}, {snack}, and a {two|three}-hour argument about the last shot. Perfect evening.
      Rewatched {*film} after {ten|twenty|fifteen} years. It holds up. I'm the one who got old.
      Two tickets, one of them for my mum, who hadn't been to the cinema since {1998|2004|2011}. She applauded at the end. So everyone did.
    `,
    bad: lines`
      {*film}. I want my evening back, and an apology for {flaw}.
      Somebody next to me ate {snack} through {*film}, one piece at a time, with a plan.
      They cancelled the series after one season, in the middle of a sentence.
      {two|three} people explained the plot of {*film} to each other out loud in {venue}. Both were wrong.
      Spent {forty|fifty} minutes choosing what to watch. Went to bed.
      Spoiled. By my own father. At breakfast. With gestures.
    `,
    ask: lines`
      What should I show a {nine|eleven|thirteen}-year-old who thinks black and white films are broken?
      Is {*film} worth it, or do I watch the trailer and pretend?
      Recommend me something short, kind and funny. It has been a week.
      Which film do you watch when you are ill? Mine is {*film}, every time.
      Can anyone explain {flaw} in {*film}? I have theories and no friends left who will listen.
      {snack} in the cinema: acceptable or a crime?
    `,
    note: lines`
      {*film} tonight at {venue}. Phone off. See you on the other side.
      Credits exist so that you can pretend you weren't crying.
      My rating system: did I look at my watch, did I look at the actors' shoes, did I call someone afterwards.
      Nobody in films ever says goodbye on the phone, and everyone finds a parking space.
      The projectionist at {venue} introduces every film as if it were her own child. Yesterday, about {*film}: "he's difficult, but give him time."
      A list of things I only know from films: how to defuse a bomb, what a martini is, how to run through an airport. A list of things films never show: waiting for the kettle, finding the other glove, the second half of a cold. I would watch that second film, I think.
    `,
  },
  comments: {
    good: lines`
      [laughing] That sound! You can't stream it.
      [asleep] The best sleep is cinema sleep, to be fair.
      [argument] What side were you on? I need to know before I reply.
      [applauded] Bring her to everything.
      [last shot|walked home] That last shot!!
      [saw|full cinema|out of ten] I went twice.
      [saw|out of ten|full cinema] {subject} was my favourite of the year so far.
      [saw|out of ten] The score alone is worth the ticket.
      [walked home] I walked home the long way too.
      [mum] Your mum has the right idea.
      Adding it to the list, thank you.
    `,
    bad: lines`
      [one piece at a time] With a plan 😂
      [both were wrong] I would have turned around. Slowly.
      [sentence] Somewhere there is a writer who knows how it ends
      [wigs] The wigs! Finally someone says it.
      [breakfast] At breakfast?! With gestures?!
      [evening back] I left after an hour and bought a kebab. Better film.
      [one season] One season and done, I'm still bitter.
      [evening back] Counterpoint: I loved it. Sorry.
      [choosing] Choosing is the new watching.
    `,
    ask: lines`
      [acceptable] Only during explosions.
      [explain] Nobody can. The director was asked and changed the subject.
      [when you are ill] The musical with the umbrellas. Fever improves it.
      [black and white] Anything with Buster Keaton. Kids understand him immediately.
      [worth it] Watch it, but not tired.
      [short, kind] The one with the bear in London. Short, kind, funny, and you will cry about marmalade.
      [when you are ill] When ill: old detective series, the ones where nothing happens but tea.
      [acceptable] Acceptable if quiet. So: a crime.
      [explain] The book explains it. Sort of.
      [trailer] Trailer. Trust me, all the good bits are in there.
    `,
    note: lines`
      [credits] Dust. It's always dust.
      [phone off] Enjoy! Tell us nothing.
      [difficult] "He's difficult, but give him time" 😂 I need her to introduce me at parties.
      [parking] The parking spaces. It's the real science fiction.
      [kettle] I would watch the kettle film.
      [shoes] The watch, the shoes, the phone call. Adopting this.
    `,
    any: lines`
      On my list, at number {140-390}.
      I cried at the trailer.
      I saw it on a plane, which doesn't count.
      Not my cup of tea, but I love how you write about it.
      {person} can quote the whole thing. And does.
      Popcorn first, opinions later.
      Now I want to see it again.
      The old cinema needs more of us.
      [saw|tonight|rewatched|film|out of ten] Where can I watch it?
      [danish|korean|silent|saw|tonight|film] With subtitles, I hope.
      [saw|full cinema|credits|out of ten] Did you stay for the credits?
      [saw|series|musical|out of ten] My flatmate has talked about nothing else.
      [saw|out of ten|tonight] I have been avoiding reviews, so I read this with one eye closed.
      [cinema|row|festival|tonight] Row {6-9}, middle. Anything else is the radio.
    `,
  },
  bios: lines`
    Subtitles on
    Silent films, loud opinions
    Sits through everything
    Matinee person
    Row seven, middle
    Watches the credits
    Film club, {weekday}s
    Cries at adverts
  `,
};
