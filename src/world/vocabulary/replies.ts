import { lines, type Mood } from './topic';

/** Comments that fit any subject, by the mood of the post they answer. */
export const SHARED_COMMENTS: Readonly<Record<Mood, readonly string[]>> = {
  good: lines`
    {praise}. {gladTail}.
    {praise}! {gladTail}.
    {gladTail}.
    {praise}. {gladTail}
    {gladTail}! 🙂
    {gladTail}
    {praise}! {gladTail}!
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
    {pity}. {kindTail}.
    {pity}! {kindTail}.
    {kindTail}.
    {pity}. {kindTail}
    {kindTail} 💛
    {kindTail}
    {pity}… {kindTail}.
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
    {doubt}. {helpTail}.
    {doubt}! {helpTail}.
    {helpTail}.
    {doubt}. {helpTail}
    {helpTail}! 🙂
    {helpTail}
    {doubt}… {helpTail}.
    Following for the answers.
    Good question!
    [^(is|are|does|do|can|has|have|anyone|am|would|should|could)\\b|is it |worth|does .* matter] Yes.
    [^(is|are|does|do|can|has|have|anyone|am|would|should|could)\\b|is it |worth|does .* matter] No.
    It depends 🙂
    I was going to ask the same.
    {friend} would know
    Curious as well
    Honestly? I wing it.
    👀
    [how do|how to|what do you] Come by on {weekday}, I'll show you.
    Don't overthink it.
    I asked the same last year and got nine different answers. All wrong.
    [ or ] Both!
    Ask {friend}, they know everything about this.
    [^(is|are|does|do|can|has|have|anyone|am|would|should|could)\\b|is it |worth|does .* matter] Absolutely.
    [^(is|are|does|do|can|has|have|anyone|am|would|should|could)\\b|is it |worth|does .* matter] Absolutely not 😂
    [^(is|are|does|do|can|has|have|anyone|am|would|should|could)\\b|is it |worth|does .* matter] In my experience: yes, but not on a {weekday}.
    Never tried, but now I want to know.
    Saving this thread.
    I've thought about this far too much, so here goes: start small, borrow before you buy, and ask the oldest person you know. They always have a trick, and they're always pleased to be asked.
    My honest answer would have been different two years ago. Back then I thought there was one right way. Now I think you should do whatever you will still be doing in a month.
  `,
  note: lines`
    {laugh}. {wiseTail}.
    {laugh}! {wiseTail}.
    {wiseTail}.
    {laugh}. {wiseTail}
    {wiseTail}! 🙂
    {wiseTail}
    {laugh}! {wiseTail}!
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

/**
 * What an author answers to somebody who commented; `{other}` is that person's mention, and the patterns are looked for in
 * the comment.
 */
export const AUTHOR_REPLIES: Readonly<Record<Mood, readonly string[]>> = {
  good: lines`
    {other} thank you! 💛
    {other} ha, thanks
    {other} you're too kind
    {other} I'm still grinning
    {other} I'll tell you everything on {weekday}
    {other} thanks!!
    {other} that means a lot
    {other} it was mostly luck, to be honest
    Thank you all, I'm reading every comment!
    {other} ❤️
    {other} and you haven't even heard the whole story
    [next time|save me|take me|come over|with you|jealous|call me] {other} next time you come along!
    [jealous|goals|convinced|list|makes me want] {other} you have to try it
    [proud|bravo|well done|deserve|earned|strong|easy] {other} couldn't have done it without {person}
    [proud|bravo|well done|easy] {other} promise you won't laugh: I practised
    [\\?$] {other} good question, I'll find out
    [\\?$] {other} I'll tell you, but not here 😄
    [recipe|\\bhow\\b] {other} I'll write it down for you
  `,
  bad: lines`
    {other} thank you, I needed that
    {other} laughing now, so that's something
    {other} glad I'm not alone
    {other} I'll survive. Probably.
    {other} you would have enjoyed it, sadly
    {other} 😅
    {other} thanks. I'm nearly over it
    {other} don't give me ideas
    {other} that's what {person} said as well
    Update: it got worse. I'll tell you over a drink.
    Update: solved! I don't want to talk about how.
    [biscuit] {other} send the biscuits
    [laugh|story|call it|rustic|😂] {other} too soon 😅
    [\\bsame\\b|been there|happened to me|me too] {other} we should start a club
    [hand|help|come by] {other} I might take you up on that, thank you
    [(what|which|did|where).*\\?$] {other} I'd rather not say
  `,
  ask: lines`
    {other} that's really helpful, thank you!
    {other} I hadn't thought of that
    {other} hm, that's what {person} says too
    {other} writing this down
    {other} you are a treasure
    {other} thank you!
    {other} okay, I'm listening
    Okay, that's four votes for and three against. Helpful as ever 😂
    Thanks everybody! I'll report back.
    [^try|start |hotter|finer|freeze|^less|grinder|yoghurt|butter|soil|hour] {other} trying that tomorrow
    [i'm free|i am!|come by|count me|coffee|i can come|next week] {other} I might take you up on that
    [ i (did|went|started|learnt)|worked|kept] {other} how long did it take you?
    [^yes|do it|worth|absolutely|both] {other} sold.
    [^no|absolutely not|wrong] {other} harsh, but noted
    [curious|following|saving|wondered|same] {other} I'll tell you when I know
    [\\?$] {other} not that I know of, no
  `,
  note: lines`
    {other} exactly!
    {other} right?!
    {other} I knew you'd say that
    {other} somebody had to say it
    {other} ha, fair
    {other} you know me too well
    {other} 🙂
    {other} we should talk about this properly
    {other} thank you, that's kind
    [more|another|write] {other} I have more where that came from
    [bear|tell|more|what\\?|which|where|who] {other} it's a long story. Next time.
    [disagree|not sure|agree] {other} I was hoping somebody would say that
    [\\?$] {other} I'll never tell
    [steal|fridge|notebook|wall] {other} it's yours
  `,
};

/** What somebody says when they come back to a thread; `{other}` is whoever spoke before, the patterns are for their words. */
export const FOLLOW_UPS = lines`
  {other} that's what I thought too
  {other} same here, actually
  {other} 😂
  {other} good point
  {other} you two are impossible
  {other} ❤️
  {other} oh, interesting! Since when?
  {other} my mum says hello
  {other} I didn't know you were on here!
  {other} how have you been?
  {other} tell me more
  {other} this, exactly
  {other} you say that every time 😄
  Okay, I have read all of this now and I have changed my mind twice.
  Coming back to this to say: I tried it. You were right.
  This thread 😂
  Still thinking about this one.
  [come along|next time|free|coffee|come by] {other} ha, deal!
  [try|come along|send|recipe|write it down] {other} yes please
  [see you|day] {other} see you there
  [\\d|happened|there|city] {other} where was that?
  [never|always|everyone|nobody] {other} speak for yourself
  [day] {other} not on a {weekday}, surely
  [tell|report|promise|know] {other} I'll hold you to that
  [no\\.?$|wrong|not|never] {other} I disagree, but politely
  [yes|absolutely|agree] {other} 100 %
  [try|helpful|thank] {other} you owe me a coffee then
`;

/** What people add to a comment that belongs to no subject. */
export const FRIENDLY_EMOJI = ['🙂', '😄', '💛', '😅', '✨', '🙌'] as const;

/** Short things in front of a comment, now and then. */
export const COMMENT_OPENERS = ['Ha! ', 'Haha. ', 'Aw. ', 'Hm. ', 'Oh! ', 'Okay… '] as const;
