import { lines, type Mood, words } from './topic';

/** Words any template may use. */
export const SHARED_WORDS: Readonly<Record<string, readonly string[]>> = {
  weekday: words`Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday`,
  city: words`Lisbon, Ghent, Porto, Turin, Kraków, Leeds, Utrecht, Osaka, Valparaíso, Nairobi, Montréal, Wellington, Ljubljana,
    Bergen, Accra, Hanoi, Oaxaca, Glasgow, Tbilisi, Kochi, Trieste, Gdańsk, Marseille, Malmö, Montevideo, Penang, Cork,
    Bilbao, Leipzig, Thessaloniki, Busan, Halifax, Dakar, Tartu, Cádiz, Bologna, Aarhus, Pune, Medellín, Plovdiv`,
  country: words`Portugal, Slovenia, Japan, Uruguay, Georgia, Norway, Vietnam, Ghana, Poland, Ireland, Mexico, Estonia, Morocco,
    Taiwan, Chile, Albania, Colombia, Scotland, Romania, South Korea, Sri Lanka, Canada`,
  person: words`my sister, my neighbour, my flatmate, my dad, my mum, a colleague, my brother, my aunt, an old friend, my cousin,
    my grandfather, my partner`,
  praise: words`Lovely, Brilliant, Wonderful, So good, Love this, Beautiful, Excellent, Splendid, Fantastic, This is great,
    Oh I love this, What a treat, Yes, Perfect, Superb, Very good`,
  pity: words`Oh no, Ugh, Poor you, Been there, Oh dear, Nightmare, Not again, Painful, Typical, Ouch, I'm so sorry, Gosh`,
  laugh: words`Ha, Haha, So true, Gold, This is perfect, I laughed, Excellent, 😂, Ha ha ha, True, Yep, This`,
  doubt: words`Good question, Hm, Tricky, It depends, Interesting, No idea, Following, Great question, Oh, Big question`,
  gladTail: lines`
    You made my {weekday}
    Sending this to {person}
    More like this, please
    Showing this to {person} tonight
    {person} said nearly the same last week
    I needed that today
    Can't wait to hear more
    Call me next time
    You earned it
    I'm smiling at my phone like a fool
    We should celebrate
    Keep it coming
    It shows how much you enjoy it
    You make it look easy
    Greetings from {city}, by the way
  `,
  kindTail: lines`
    Hope {weekday} is kinder to you
    Tea helps, a bit
    {person} had the same last month
    I'd have cried
    At least it makes a good story
    Let me know if you need a hand
    My {weekday} was no better
    Deep breaths
    It will pass
    You took it better than I would have
    I'd have given up long ago
    We've all been there, even {person}
    Chocolate, immediately
  `,
  helpTail: lines`
    {person} might know
    I'd love to hear the answer
    Let us know what you decide
    I've wondered about that for years
    I'd go with your gut
    Sleep on it
    Try both and report back
    There is no wrong answer. Well, there is one
    I'll ask {person}
    Every answer here is going to be different
    I changed my mind about it last year
    You already know, I think
  `,
  wiseTail: lines`
    I'll think about this all day
    Read it out to {person}
    You have a gift
    I could hear your voice
    Never change
    That's going on the fridge
    More of these, please
    Now I can't unsee it
    {person} looked over my shoulder and agreed
    You should say this on the radio
    I'd follow you just for this
    It's the same in {city}
  `,
};

/** Second thoughts that may follow a post, by its mood. */
export const CLOSERS: Readonly<Record<Mood, readonly string[]>> = {
  good: lines`
    Made my week.
    I'll be insufferable about this for days.
    Small joys.
    That's all, I'm just happy.
    I had to tell somebody.
    More of this, please.
    No notes.
    What a good day.
    I keep grinning at strangers.
    Ten out of ten, would do again.
    Somebody pinch me.
    Right. Cake.
    Grateful for this one.
    Writing it down so that I remember.
  `,
  bad: lines`
    Anyway, how is your day?
    Send biscuits.
    I'm fine. It's fine.
    Tomorrow is another day, allegedly.
    Please tell me I'm not the only one.
    I'm going to lie on the floor for a bit.
    Laughing, but only on the outside.
    One day this will be funny. Not today.
    And it's only {weekday}.
    That's the post.
    Could be worse, says {person}. How, exactly?
    I would like to speak to whoever is in charge.
  `,
  ask: lines`
    All opinions welcome.
    Asking for a friend. The friend is me.
    I trust you more than the internet.
    Wrong answers also accepted.
    {person} and I can't agree.
    Strong opinions especially.
    Will report back.
    There's cake in it for the best answer.
    Thank you in advance, clever people.
    I've been going back and forth all week.
    Please be gentle.
    I need to decide by {weekday}.
    Bonus points for short answers.
    I promise to read all of them.
    Serious question, for once.
    Help a confused person out.
  `,
  note: lines`
    That's all.
    Make of it what you will.
    Carry on.
    No further questions.
    Anyway. Good evening.
    I think about it more than I should.
    End of report.
    Just so you know.
    Somebody had to say it.
    As you were.
  `,
};
