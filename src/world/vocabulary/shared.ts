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
