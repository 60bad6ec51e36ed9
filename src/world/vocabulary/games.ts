import { lines, type Topic, words } from './topic';

export const games: Topic = {
  name: 'games',
  emoji: ['🎲', '♟️', '🃏', '🎮', '🏆'],
  words: {
    game: words`chess, Go, a game about beekeeping, Scrabble, a co-op game about lighthouses, backgammon, mah-jong, a legacy campaign, cribbage,
      a forty-page train game, dominoes, the farming one, a roguelike about a tax inspector, pub quiz, table tennis, mini golf`,
    rival: words`my nine-year-old niece, {friend}, my grandmother, {person}, a stranger on the train, the whole family, the computer on "easy"`,
    loss: words`in eleven moves, by one point, because of a rule nobody had read, twice in a row, by a margin usually seen in rugby, on the last roll`,
    word: words`"quixotry", "za", "oxeye", "qi", "umiaq", "caziques", "jukebox" on a triple`,
  },
  posts: {
    good: lines`
      Beat {rival} at {*game}! After {eleven|sixteen|thirty} years! I'm having it engraved.
      {word}. {84-176} points. I have retired at the top.
      Game night: {*game}, seven people, one table for four. Nobody looked at a phone until one in the morning.
      Finished {*game} after {60-140} hours. Credits rolled, and I clapped, alone, in the dark.
      Taught {rival} to play {*game} last month. This month they teach me.
      Found {*game} at the flea market, all pieces there, with score sheets going back to {1977|1982|1969}. Somebody called "Aunt Rosa" never lost.
      Won the pub quiz by knowing the capital of {country}. My geography teacher should be told.
    `,
    bad: lines`
      Lost to {rival} at {*game} {loss}. Congratulations were offered. They were not warm.
      {*game}: three hours setting up, twenty minutes playing, one cat on the board.
      One piece of {*game} is missing. It is the piece. We use a raisin now.
      Rule dispute at {*game}. Two of us are not speaking. The rulebook is on nobody's side.
      Blundered the queen. In a won position. While explaining why it was won.
      "Just one more turn." It is {2:40|3:15|1:50}.
    `,
    ask: lines`
      Best game for two people who both hate losing?
      What can I play with {rival} that takes under half an hour and isn't {*game}?
      Looking for a {fourth|fifth} player for {*game}, {weekday}s, near {city}. Snacks provided, mercy not.
      House rules for {*game}: what are yours, and who do they favour?
      Is {*game} fun for beginners, or should I start with something gentler?
      How do you teach someone {*game} without reading the rules aloud for an hour?
    `,
    note: lines`
      {rival} says {word} is a word. {rival} has the dictionary. Here we are.
      In every group there is one who reads the rules, one who plays, one who wins, and one who makes tea. I'm the tea.
      You learn more about people from {*game} than from {ten|twenty} years of dinners.
      {*game} in the park with three gentlemen who speak no language I know. We understood each other perfectly. I lost {loss}.
      The real game is getting {four|five|six} adults to agree on a {weekday}.
      My grandmother cheats at {game}. Everyone knows, everyone lets her, and she knows that we know. Last {weekday} I caught her with an ace in her sleeve and she patted my hand and said "I was wondering when you'd be old enough to notice".
    `,
  },
  comments: {
    good: lines`
      [capital of] Geography teachers everywhere are weeping with joy.
      [they teach me] It took my niece a week to crush me.
      [nobody looked] A phone-free evening! Frame it.
      [beat|won|never lost] Undefeated! 🏆
      [aunt rosa] Aunt Rosa would be proud.
      [beat|taught] Rematch. Tonight.
      [retired|beat] Retire now, it only goes downhill.
      [clapped] Clapping alone in the dark with you.
      [beat] I have been trying to win at {subject} since school.
      [points|quiz|beat] Put it on your CV.
    `,
    bad: lines`
      [not warm] Somebody in that house gloats. I can tell.
      [explaining why] The explanation is always what costs you the queen.
      [three hours setting] The set-up IS the game.
      [raisin] The raisin is a strong piece.
      [eleven moves|blunder] It's always move eleven.
      [rule dispute] House rule: whoever owns the box is right.
      [cat on] Cats are part of the game. It's in the expansion.
      [one more turn] Go to bed! (One more turn first.)
      [niece] There's no shame in losing to a nine-year-old. There is some.
    `,
    ask: lines`
      [hate losing] Jigsaw. Nobody wins. Everybody loses a piece.
      [mercy not] I accept these terms.
      [favour] Whoever made the tea may take one move back.
      [hate losing] Cooperative games! Then you can lose together.
      [teach someone] Play the first round open, cards on the table. Nobody needs the rules after that.
      [looking for] I'm free on {weekday}s and I bring terrible jokes.
      [house rules] Our house rule favours my mother. All of them do.
      [beginners] Start with something small, {subject} can wait a month.
      [half an hour|hate losing] Backgammon. Quick, cruel, over.
      [beginners|looking for] There's an open evening at the library, very relaxed, all levels.
    `,
    note: lines`
      [dictionary] Never play against the owner of the dictionary.
      [gentlemen] They play every day at four. Bring sweets.
      [agree on] We have been "nearly there" since March.
      [the tea] Tea is the most powerful role.
      [old enough] "Old enough to notice" 😭 what a grandmother.
      [agree on] The scheduling game has no winners.
      [is a word] It is a word. Sorry. I looked it up.
    `,
    any: lines`
      Best of three?
      I bring the snacks, I lose the game. That's my role.
      My family isn't allowed to play that any more.
      Dice hate me. It's mutual.
      {person} has never lost graciously in their life.
      I still don't understand the rules, and I've been winning for years.
      Good game!
      [game night|found|train game|looking for|co-op|about] How many players?
      [game night|found|co-op|about] I'd play that.
      [found|flea] We still have ours from the eighties, with three tea stains.
      [lost|beat|rule|people from] Never play {subject} with my brother. Just don't.
      [rules] I'm the one who reads the rules. We exist.
      [beat|lost|won|points] What was the final score?
    `,
  },
  bios: lines`
    Rolls low
    Pub quiz, table four
    Collects dice, never wins
    Puzzles on the train
    Loses at {game} with grace
    Reads the rulebook
    Game night on {weekday}s
    Chess, slowly
  `,
};
