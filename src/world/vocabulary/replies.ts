import { lines, type Mood } from './topic';

/** Comments that fit any subject, by the mood of the post they answer. */
export const SHARED_COMMENTS: Readonly<Record<Mood, readonly string[]>> = {
  good: lines`
    Love this
    So good!
    Brilliant 👏
    Yes!!
    This made me smile, thank you.
    Wonderful.
    ❤️
    🙌🙌
    😍
    Amazing, well done!
    You deserve it.
    Living the dream.
    So happy for you!
    {friend} look!!
    {friend} we should do this
    Lovely
    Iconic.
    Jealous, in a nice way.
    I need more of this on my feed.
    Perfect
    Ha, brilliant
    Goals
    Proud of you!
    This is the content I'm here for.
    I sent this to my sister, who never answers messages, and she answered within a minute. With a heart. You have no idea what that means.
    I've had a fairly grim {weekday}, and then I opened this. Thank you for posting the good things as well. It matters more than you think.
    Right, that's it, you've convinced me. I've been putting it off for {two|three|five} years with all sorts of excuses, and it turns out that none of them were any good.
  `,
  bad: lines`
    Oh no 😂
    Oh no!
    Sorry, but I laughed.
    Same here.
    Ugh.
    Sending biscuits 🍪
    😬
    🫠
    Poor you!
    Been there.
    Nooo
    Thoughts and prayers 🙏 and cake
    {friend} this is literally you
    You're not the only one, promise.
    Big hug.
    Tomorrow will be better.
    This is painfully relatable.
    I'm so sorry, and also thank you for telling it so well.
    Classic
    Rude.
    Is there anything I can do?
    The exact same thing happened to me in {city}, {two|three|four} years ago, and I still tell it at parties. You'll get there. First you are angry, then it's a story, then it's your best story.
    Take it from somebody who has made every mistake there is: it's never as bad on the second day. Sleep, eat something warm, and then look again.
  `,
  ask: lines`
    Following for the answers.
    Good question!
    Yes.
    No.
    It depends 🙂
    I was going to ask the same.
    {friend} would know
    Curious as well
    Honestly? I wing it.
    👀
    Come by on {weekday}, I'll show you.
    Don't overthink it.
    I asked the same last year and got nine different answers. All wrong.
    Both!
    Ask {friend}, they know everything about this.
    Absolutely.
    Absolutely not 😂
    In my experience: yes, but not on a {weekday}.
    Never tried, but now I want to know.
    Saving this thread.
    I've thought about this far too much, so here goes: start small, borrow before you buy, and ask the oldest person you know. They always have a trick, and they're always pleased to be asked.
    My honest answer would have been different two years ago. Back then I thought there was one right way. Now I think you should do whatever you will still be doing in a month.
  `,
  note: lines`
    Ha!
    😂😂
    So true.
    This.
    Accurate.
    I feel seen.
    Beautifully put.
    You should write a book.
    {friend} 😂
    Wise words
    Stealing this.
    I laughed out loud on the bus.
    Can confirm.
    👏
    Underrated post.
    Agreed, sadly.
    Hmm, not sure I agree, but I enjoyed it.
    Tell us more!
    Read this twice.
    Same
    Wait, what?
    Going straight into my notebook.
    I read this out at dinner and we ended up talking about it until the candles were gone. My mother-in-law disagrees with you entirely, by the way, and would like you to know that.
    This is why I still open this app. In between all the noise there is always somebody who noticed something small and took the trouble to write it down.
  `,
};

/** What an author answers to somebody who commented; `{other}` is that person's mention. */
export const AUTHOR_REPLIES: Readonly<Record<Mood, readonly string[]>> = {
  good: lines`
    {other} thank you! 💛
    {other} ha, thanks
    {other} you're too kind
    {other} next time you come along!
    {other} I'm still grinning
    {other} any time, you know where to find me
    {other} I'll tell you everything on {weekday}
    {other} it was mostly luck, to be honest
    {other} you have to try it
    {other} couldn't have done it without {person}
    Thank you all, I'm reading every comment!
    {other} promise you won't laugh: I practised
  `,
  bad: lines`
    {other} thank you, I needed that
    {other} laughing now, so that's something
    {other} glad I'm not alone
    {other} I'll survive. Probably.
    {other} you would have enjoyed it, sadly
    Update: it got worse. I'll tell you over a drink.
    Update: solved! I don't want to talk about how.
    {other} don't give me ideas
    {other} send the biscuits
    {other} that's what {person} said as well
    {other} too soon 😅
  `,
  ask: lines`
    {other} that's really helpful, thank you!
    {other} I hadn't thought of that
    {other} trying that tomorrow
    {other} hm, that's what {person} says too
    {other} really? Even in {city}?
    {other} sold.
    {other} on {weekday}? I might take you up on that
    {other} how long did it take you?
    Okay, that's four votes for and three against. Helpful as ever 😂
    {other} writing this down
    {other} you are a treasure
    Thanks everybody! I'll report back.
  `,
  note: lines`
    {other} exactly!
    {other} right?!
    {other} I knew you'd say that
    {other} I have more where that came from
    {other} somebody had to say it
    {other} we should talk about this properly
    {other} ha, fair
    {other} you know me too well
    {other} it's a long story. Next time.
  `,
};

/** What somebody says when they come back to a thread; `{other}` is whoever spoke before. */
export const FOLLOW_UPS = lines`
  {other} ha, deal!
  {other} yes please
  {other} that's what I thought too
  {other} same here, actually
  {other} I disagree, but politely
  {other} 😂
  {other} see you there
  {other} where was that?
  {other} good point
  {other} you two are impossible
  {other} ❤️
  {other} I'll hold you to that
  {other} oh, interesting! Since when?
  {other} my mum says hello
  {other} 100 %
  {other} not on a {weekday}, surely
  Okay, I have read all of this now and I have changed my mind twice.
  Coming back to this to say: I tried it. You were right.
  This thread 😂
  {other} tell me more
  {other} I owe you a coffee for that
  {other} speak for yourself
`;

/** Short things in front of a comment, now and then. */
export const COMMENT_OPENERS = ['Ha! ', 'Oh, ', 'Honestly: ', 'Okay, ', 'Haha. ', 'Aw. ', 'Well… ', 'Hm. '] as const;
