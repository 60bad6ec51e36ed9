import { lines, type Topic, words } from './topic';

export const music: Topic = {
  name: 'music',
  emoji: ['🎶', '🎸', '🎹', '🎻', '🥁', '🎧'],
  words: {
    instrument: words`the cello, the accordion, the bass, the oud, the trumpet, the piano, the ukulele, the drums,
      the clarinet, the banjo, the viola, the saxophone, a borrowed synthesiser`,
    genre: words`Ethiopian jazz, ambient, cumbia, Baroque cantatas, city pop, post-punk, fado, dub, gospel, klezmer, bossa nova,
      drum and bass, sad folk songs, rebetiko, highlife, minimalism`,
    venue: words`the back room of a pub, the old church, a launderette, the town hall, the jazz cellar, a boat,
      somebody's living room, the park bandstand, a bookshop after hours`,
    piece: words`the slow movement, the Bach prelude, the bridge, the difficult bit in bar {17-64}, the second verse,
      that one chord change, the whole of side B, the solo`,
    crowd: words`eleven people and a dog, a full house, my entire family, nobody I knew, forty strangers who all knew the words`,
  },
  posts: {
    good: lines`
      {weekday} night: {*genre} in {venue}. {crowd}. One of the best evenings of the year.
      After {three|five|six} months on {*instrument} I can play one song all the way through. The neighbours can too, by now.
      Discovered {*genre} {two|three|four} weeks ago and have not listened to anything else since. Where has it been all my life?
      Found a record in the one-euro box and {piece} made me sit down on the shop floor.
      Choir was off key, the heating was broken, and I came home happier than I left. Sing with other people, it is good for you.
      {friend} made me a mixtape. On tape! I had to borrow a machine from {person}.
      Played {venue} last night in front of {crowd}. My hands only shook for the first two songs.
      {piece} finally sits. {two|three|four} weeks of very slow practice and then, on an ordinary {weekday}, there it is.
    `,
    bad: lines`
      Broke a string in the quiet part. In {venue}. In front of {crowd}.
      The neighbours have started clapping ironically when I practise {*instrument}.
      Tickets went on sale at ten. At 10:01 there were none. At 10:02 there were hundreds, at four times the price.
      My headphones died in the middle of {piece}. The office has never been so loud.
      Sold {*instrument} when I moved, and I think about it every week.
      The algorithm has decided I like {*genre} because I fell asleep once.
    `,
    ask: lines`
      Where do I start with {*genre}? Three albums, please, no lectures.
      Too late to start {*instrument} at {38-61}? Be kind.
      What do you listen to while you work? I need something without words that isn't {*genre}.
      Looking for a drummer who owns a car. Talent negotiable. {venue}, {weekday}s.
      Which song did you have on repeat this week?
      How do you practise {*instrument} in a flat with thin walls and a baby next door?
    `,
    note: lines`
      Somebody in our building is learning {*instrument}. We are now {three|four|five} weeks into the same {eight|four} bars. We are all invested.
      Hot take: {*genre} is cleaning music, and cleaning music is the highest category there is.
      There is a busker by the station playing {*genre} on {instrument}. Half the commuters were late today, on purpose.
      Every band is one good bassist away from being good.
      The silence right after {piece}, before anybody claps. That's what the ticket is for.
      My teacher, about {piece}: "you play all the notes. Now play the music." I have been thinking about that for {two|three} days.
      Went to hear {genre} in {venue} on my own, because nobody had time. I nearly stayed at home. Ended up sharing a table with a retired ship's cook who had seen everyone live, everyone, and who cried at the encore. So did I. Go alone, it's fine.
    `,
  },
  comments: {
    good: lines`
      [mixtape] On tape! You have to marry this person.
      [sing with] Tuesday rehearsals are the only reason I survive winter.
      [nothing else since] Wait until you find the live recordings.
      [one-euro box] The one-euro box always knows.
      [night:|played] I was there! What a night.
      [played|play one song|sits|choir] Bravo 👏👏
      [choir|evenings|record|sits] Goosebumps just from reading this.
      That's {subject} for you.
      [night:] Do they play again soon?
      [months on|played|sits] Record it and post it, please.
      [played|play one song] So proud of you. It took courage to get up there.
      [played|night:] Encore!
    `,
    bad: lines`
      [headphones] So now the office knows. How did they take it?
      [algorithm] Mine thinks I'm a whale, because of one nap.
      [ironically] Ironic clapping is still clapping.
      [broke a string] It happens to the best of them. The recovery is what people remember.
      [neighbours] Practice mutes are cheap and marriages are not.
      [tickets] The ticket thing makes me furious every single time.
      [broke a string] Ouch. Did you finish the song at least?
      [sold] Never sell an instrument. I learnt that the same way.
    `,
    ask: lines`
      [on repeat] The same one as last week. I'm not ready to talk about it.
      [be kind] My neighbour began at seventy. We hear her through the wall and we cheer.
      [too late] Never too late. I started at {41-67} and I am only mostly terrible.
      [albums|start with] Whatever you pick, start with a live album.
      [albums] Ask the people at the record shop on the corner, they will be delighted. Bring time.
      [thin walls] Headphones and a digital one. Not the same, but everyone stays friends.
      [while you work] Rain sounds and one very long piano album.
      [drummer] I know a drummer! No car, but a big backpack.
      [albums] Start with compilations. I know, I know. But it works for {subject}.
      [while you work|on repeat] Late string quartets. All day. Don't ask.
    `,
    note: lines`
      [cleaning music] I only have a clean kitchen because of that record.
      [busker] I was one of the late ones. No regrets.
      [claps] That half second is the whole reason.
      [bars] Those eight bars live in my head now as well.
      [bassist] Bassists everywhere are nodding.
      [play the music] "Now play the music" is going on my stand.
      [go alone] Going alone is the best, you can leave or stay as you like.
    `,
    any: lines`
      What do you play it on?
      Put it on the list for the party.
      I have the vinyl somewhere, under the other vinyl.
      This made me take the guitar off the wall. It needs dusting.
      {person} has been humming it ever since.
      Louder!
      Play it at my funeral. No hurry.
      Adding this to my weekend listening.
      My uncle played {subject} at every wedding, whether asked or not.
      [night:|busker|went to hear|played] What was the name of the support act?
      Sending this to my bandmates.
      [record|side|album] The second side is even better.
      I can't play anything but I clap very well.
    `,
  },
  bios: lines`
    Sings in the kitchen
    Learning {instrument} at an age I won't disclose
    Concerts on my own
    Crate digger
    Plays {instrument}, badly and often
    {genre} on repeat
    Second row of the choir
    Vinyl, tea, no talking during side A
    Bass player looking for a drummer
  `,
};
