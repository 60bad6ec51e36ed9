import { lines, type Topic, words } from './topic';

/** The small change of any network: posts that belong to no subject. */
export const smallTalk: Topic = {
  name: 'small talk',
  emoji: ['💛', '👋', '😂', '✨', '🙃'],
  words: {
    kindness: words`a stranger held the lift, the soup was still warm, I found my other glove, somebody sang in the stairwell,
      the post brought an actual letter, the bus waited for me, a child waved from a window`,
    talent: words`parallel parking, guessing the time, folding fitted sheets, peeling oranges in one piece, picking the right queue,
      remembering birthdays, finding lost earrings, whistling two notes at once`,
    opinion: words`lukewarm tea is fine, the sequel was better, mornings are the best part of the day, raisins belong in cake,
      the middle seat is underrated, baths are boring, small talk is an art, every soup needs bread, Tuesday is the real Monday`,
    resolution: words`writes letters, goes to bed at ten, says no, owns matching socks, calls back, stretches, reads the instructions`,
    likes: words`long walks, old maps, bad puns, soup, radio plays, night buses, jigsaws, choirs, lighthouses`,
  },
  posts: {
    good: lines`
      Good morning to everybody, but especially to {friend}, who knows why.
      {friend} made me laugh so hard on the phone that the man next to me started laughing too.
      Thank you all for the birthday messages. I read every one of them, some of them twice.
      Not to brag, but I answered all my messages today.
      My plan for {weekday}: nothing. I have been looking forward to it for weeks.
      The best compliment I ever got was from a child: "you look like you know where the snacks are".
      {person} came to visit from {city} and we talked until the birds started.
    `,
    bad: lines`
      Is it just me, or has this {weekday} been going on since last {weekday}?
      Waved back at somebody who was waving at the person behind me. I live in the woods now.
      If you're having a rough week: me too. Leave a word here and I'll send one back.
      Said "you too" to the dentist, who had wished me a good recovery.
      Lost my phone for {twenty|forty} minutes. I was talking on it.
    `,
    ask: lines`
      Tell me one good thing that happened to you today. I'll start: {kindness}.
      Does anyone else rehearse phone calls in their head, or do you just… call?
      What is a tiny thing you are oddly good at? Mine: {talent}.
      What should I have for dinner? I have eggs, one leek, and no ideas.
      Who is around on {weekday}? I'm in {city} and I fancy company.
      What was the last thing that made you laugh until you couldn't breathe?
    `,
    note: lines`
      Back after a break from here. What did I miss?
      Hello from {city}. It smells of {rain|bread|the sea|fresh paint|oranges} here.
      Reminder to drink some water and call your {mother|grandmother|brother|oldest friend}.
      New here! I like {likes} and {likes}, and I don't know how anything works yet.
      {27-64} today. I feel {nineteen|a hundred and four|exactly that|about six}.
      Unpopular opinion: {opinion}.
      My grandmother has joined this app. Behave. Hello, Grandma.
      I've decided to be a person who {resolution}. Starting {weekday}.
      Somebody two seats ahead is knitting something enormous, and I need to know what it's going to be.
      Today, in order: {kindness}, {kindness}, and then the washing machine flooded. On balance a good day.
    `,
  },
  comments: {
    good: lines`
      [nothing] Strong plan. Don't let anyone move it.
      [birthday] I'm late, but with feeling: happy birthday!
      [birds started] Those are the good nights.
      [laugh] I know that laugh. Everyone within a mile knows that laugh.
      You're the best.
      [good morning] Good morning to you too ☀️
      [answered] All of them? Mine are from last year.
      [good morning|stranger|child|visit] What a lovely thing to read first thing in the morning.
      [snacks] You do look like you know where the snacks are.
      [good morning|visit|phone] Miss you!
    `,
    bad: lines`
      [talking on it] 😂 I have looked for my glasses through my glasses.
      [last] Time is a soup.
      [dentist] "Enjoy your meal." "You too." To a waiter. Weekly.
      [woods] The woods are full, we're meeting on {weekday}s.
      [leave a word] "Umbrella." That's my word.
      [leave a word] "Marmalade" for you.
      [you too] I once said "love you, bye" to my landlord.
      [going on] It's still {weekday} here as well.
      [rough week|leave a word] Hugs from {city}.
    `,
    ask: lines`
      [couldn't breathe] A goose. That's all I can say without starting again.
      [rehearse] And then they ask something that isn't in the script.
      [company] Yes! Let me find a babysitter.
      [one good thing] Today: {kindness}.
      [oddly] I'm oddly good at {talent}.
      [dinner] Omelette. The answer is always omelette.
      [leek] Leek and egg is a classic! Butter, low heat, ten minutes.
      [rehearse] I write a script first. With stage directions.
      [who is around] I am! Same place as last time?
      [one good thing] {kindness}. It's a low bar but I cleared it.
    `,
    note: lines`
      [unpopular] Unfollowed. (No. But nearly.)
      [water] I was about to have coffee. Fine. Water.
      [flooded] "On balance a good day" 😂
      [i feel] You don't look a day over the second one.
      [decided] Day one! Keep us posted.
      [new here] Welcome! Nobody knows how anything works.
      [back after] Welcome back! You missed very little, but it was loud.
      [grandmother has] Hello, Grandma 👋
      [knitting] Is it a scarf? It's always a scarf.
      [today. i feel] Happy birthday! 🎂
      [reminder] Called. She talked for an hour. It was lovely.
      [opinion|decided] Bold. I respect it.
      [smells] The smell of {bread|rain|the sea} carries all the way to {city}, apparently.
    `,
    any: lines`
      Lovely to see you here.
      Ha!
      This is what the app is for.
      Thinking of you.
      Big wave from across the street.
      {person} says hi.
      You always know what to say.
      👋
      Sending love from {city}.
      This app needs more of you.
      Hello, you.
      Let's catch up properly soon.
      You made my {weekday}.
    `,
  },
  bios: lines`
    Says hello to everyone
    Professional overthinker
    Left-handed
    Somebody's favourite aunt
    Still figuring it out
    Here for the people
    Likes {likes}
    {opinion}
    Oddly good at {talent}
    Just looking
  `,
};
