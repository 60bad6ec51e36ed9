import { lines, type Topic, words } from './topic';

export const code: Topic = {
  name: 'code',
  emoji: ['💻', '🐛', '🤓', '☕', '🔥'],
  words: {
    language: words`Rust, TypeScript, Elixir, Go, Python, OCaml, SQL, Haskell, Kotlin, plain C, Lisp, a shell script`,
    bug: words`a time zone, a missing index, an off-by-one, a race condition, a stale cache, a comma, daylight saving time,
      a float used for money, an emoji in a file name, a default argument, a hidden space, two clocks that disagree`,
    thing: words`the build, the deploy, the migration, the login page, the test suite, our search, the billing job, the retry loop,
      the date picker, the import script, the mobile release`,
    project: words`a tiny static site generator, a bird-song classifier, a bus timetable on an e-ink screen, a chess clock,
      a plant-watering thing with a Raspberry Pi, my own feed reader, a terminal game about moles, a recipe scaler,
      a map of every bench in town`,
    time: words`two hours, the whole day, three days, a week, most of a Friday`,
  },
  posts: {
    good: lines`
      Deleted {340-2900} lines today. {*thing} still works. Best day in months.
      Side project is alive: {*project}. It has {two|three|seven} users and one of them is not me.
      Got {*thing} from {8-19} minutes down to {40-110} seconds. It was {bug}. It is always something like that.
      Wrote my first real thing in {*language} and the compiler was rude but right.
      {friend} reviewed my code and left {14-40} comments, every one of them kind and correct. That's how it is done.
      Somebody I have never met fixed {bug} in my little open source library and sent tests. People are wonderful.
      {*thing} went out at four on a Friday and nothing happened. NOTHING. I am framing the graph.
      Taught {person} to write a loop in {*language}. They have now automated something I can't explain and I feel like a proud bird.
    `,
    bad: lines`
      {time} looking for {*bug}. One character. I would like those hours back.
      "It works on my machine" — me, today, in a meeting, out loud.
      {*thing} is down because of {bug}. The postmortem will contain the word "surprisingly".
      The documentation says "simply". Nothing has ever been less simple.
      Spent {time} on {*project} and have now arrived at a worse version of something that exists for free.
      Found the person who wrote this terrible code. git blame says it was me, {two|three|four} years ago, very confidently.
      Updated one dependency. I now have {180-900} other dependencies.
    `,
    ask: lines`
      If you had one free weekend, would you learn {*language} or fix {thing}?
      How do you all name branches? Mine are called things like "fix", "fix-2" and "please".
      What is the smallest thing you ever automated that made your life better?
      People who write {*language} at work: are you happy? Blink twice.
      How do you explain {*bug} to someone who does not program? I need it for {weekday}.
      Tabs, spaces, or letting a formatter decide and never speaking of it again?
    `,
    note: lines`
      Today's {bug} was brought to you by a comment that says "this can never happen".
      Naming things is hard. We now have a service called {Gerald|Turnip|Mildred} because everybody gave up.
      There is nothing as permanent as a temporary fix to {*thing}.
      My rubber duck quit and became a product manager.
      The best debugger is a walk around the block. The second best is explaining {*thing} to somebody who does not care.
      Senior engineer, they said. Today I googled how to exit an editor.
      Small thing I started doing: when {thing} breaks, I write down what I believed before I write down what I found. The list of things I believed is humbling. It is also where nearly every bug was hiding: not in the code I doubted, but in the part I was sure about.
    `,
  },
  comments: {
    good: lines`
      [rude but right] Rude but right is the best kind of reviewer.
      [strangers|never met] This is why open source still works.
      [friday] On a Friday! I can't watch.
      [loop] And so it begins. Soon they will have opinions about tabs.
      [deleted] Negative lines of code are the best lines of code.
      [side project|went out] Shipped! 🚢
      [side project|library] Love this. Is the source anywhere?
      [side project] I would use that. I did not know that I needed it, but I would.
      [minutes down] From minutes to seconds is the best feeling in this job.
      [side project|minutes down] Nice. What did you use for {subject}?
      [graph] Frame the graph, absolutely.
      [reviewed] More reviews like that, please, everywhere.
    `,
    bad: lines`
      [simply] "Simply", "just" and "obviously": the three horsemen.
      [dependencies] One of them is for padding strings, isn't it?
      [exists for free] Yes, but is theirs yours?
      [looking for|down because|cache] It is always the cache. And when it isn't, it is the clock.
      [surprisingly] "Surprisingly" 😂 our postmortems have that one too.
      [git blame] git blame has never once been kind to me.
      [one character] One character! It is always one character.
      [one character|down because] Did you at least write a test so that it can't come back?
      [looking for|spent] Take a walk. The answer comes when you are holding your keys.
      [down because|works on my machine] Let me guess, it was DNS.
    `,
    ask: lines`
      [automated] The coffee machine turns on when the first test fails. It is always on.
      [branches] "final-final-2" over here.
      [explain] Two people writing on the same whiteboard with their eyes closed.
      [tabs] Formatter. Life is short.
      [learn] I learnt {language} that way and regret nothing.
      [automated] A script that renames my scans. Saves me ten seconds a week and I smile every time.
      [explain] Draw it on paper with two people and one biscuit tin. Works with my family.
      [branches] Ticket number and three words. Boring, searchable.
      [blink] Blinks once. Hesitates.
      [learn|branches] Depends who has to maintain it afterwards 🙂
      [or fix] Fix the thing. You will learn plenty on the way, believe me.
    `,
    note: lines`
      [permanent] Ours turns nine in March. There will be cake.
      [editor] Colon, q, hope.
      [walk around] My dog has fixed more bugs than I have.
      [called] We have a Gerald too!
      [never happen] "This can never happen" is the most reliable predictor of it happening.
      [duck] The duck has a bright future.
      [believed] The list of things I believed… I'm stealing that.
    `,
    any: lines`
      I feel this in my bones.
      Logs or it didn't happen.
      Every team has exactly one of these stories a week.
      {person} asked what I do for a living. I'll show them this.
      And that is why I went into gardening. Nearly.
      Friday energy.
      I opened the laptop again because of this. Thanks for nothing.
      [build|deploy|test|bug|broke|down] Works on my machine.
      [time zone|index|off-by|race|cache|comma|bug|looking for] Is this the same bug as last month or a new friend?
      [time zone|index|off-by|race|cache|comma|float|temporary] I have {two|three} of those in production right now.
      [down|broken|build|machine|dependency] Have you tried turning it off and leaving it off?
      Would read a blog post about this.
      My whole week in one post.
    `,
  },
  bios: lines`
    Debugging since the dial-up days
    Makes small tools for small problems
    {language} and long walks
    Turns coffee into fewer lines of code
    Writes {language}, reads stack traces
    Backend by day, {project} by night
    Fixing yesterday's clever ideas
    Software, but gently
    Ships on Thursdays
  `,
};
