import { lines } from './topic';

/** What people write to each other, templates as in `Topic`. */
export const CHAT_OPENERS = lines`
  Hi! Are you free on {weekday}?
  Hey, how was {weekday}?
  I was in {city} last week and thought of you.
  Did you see the photo that {person} sent?
  Quick question: do you still have my {umbrella|tent|big pan|good scissors}?
  Guess who I met on the {tram|ferry|night bus}.
  Happy birthday! 🎂
  Is it {weekday} already? I have lost count.
  You were right, by the way.
  I found the place we talked about, the one near the {station|harbour|market}.
`;

export const CHAT_LINES = lines`
  Yes!
  Ha, no.
  On my way.
  Give me {5-20} minutes.
  Let me ask {person}.
  {weekday} is better for me.
  I can bring {cake|bread|coffee|soup|nothing but good humour}.
  Wait, really?
  That is the best news this week.
  No idea. I'd have to look.
  {city}, and then home again.
  We said {6-9} o'clock, didn't we?
  I'll be late, start without me.
  Sounds good 🙂
  😂
  👍
  Tell me everything.
  I'm standing in front of the wrong door again.
  {person} says hello.
  Same as always, then.
  Next time I'm coming with you.
  I forgot to answer, sorry! It was one of those weeks.
  Somebody has to say it.
  Did you read it to the end? Without giving it away: the last {10-40} pages are worth the wait.
  I've thought about it and I think you should do it. If it goes wrong, you come here and we eat {cake|soup|toast}.
  Deal.
  See you on {weekday}!
`;

/** What strangers write. */
export const CHAT_REQUESTS = lines`
  Hello! I like what you post. Where was the last photo taken?
  Hi, we met at {person}'s party, I think. Was that you with the {umbrella|cake|guitar}?
  Sorry to bother you: is this still for sale?
  Hello from {city}! May I ask you something about your last post?
`;

export const GROUP_TITLES = lines`
  {weekday} people
  {city} trip
  Dinner on {weekday}
  The old flat
  Book club, more or less
  Neighbours
`;
