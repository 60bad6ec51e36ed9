import { lines, type Topic, words } from './topic';

export const trains: Topic = {
  name: 'trains',
  emoji: ['🚆', '🚂', '🚉', '🛤️', '🚋'],
  words: {
    train: words`the night train to {city}, the 7:42, the regional to {city}, the last tram, the sleeper, the slow train along the coast,
      a railbus with one carriage, the airport line, the 18:16, the heritage steam train`,
    delay: words`{12-95} minutes late, cancelled, replaced by a bus, waiting for "a person with a key", standing in a field,
      diverted through three valleys, short of four carriages, late because of a swan on the line`,
    window: words`a heron, a man ironing on a balcony, three deer, the sea all at once, an entire brass band on a platform,
      somebody's washing, a field of sunflowers, snow on the far hills`,
    comfort: words`a flask of tea, a cheese sandwich, a table seat, the quiet carriage, a window that opens, a fat paperback`,
  },
  posts: {
    good: lines`
      {*train}, {comfort}, {4-7} hours to go. I have no further wishes.
      From the window of {*train} just now: {window}.
      The conductor on {*train} announced every station as if it were a gift. "And now, ladies and gentlemen… {city}."
      Booked {*train}. Sleep in one country, coffee in another.
      {*train} was on time to the second. I wanted to shake somebody's hand.
      Took {person} on {*train}, their first time in a sleeping car. They were too excited to sleep. So was I.
      They are reopening the branch line! {Forty|Thirty|Fifty} years after the last train. I may have got something in my eye.
    `,
    bad: lines`
      {*train}: {delay}. Good morning to everyone except the timetable.
      Announcement on {*train}: "we apologise for the inconvenience caused by the earlier apology." I think we have been here too long.
      {*train} is {delay}. We have started sharing food and telling each other our names.
      Reserved seat {61-88} in carriage {12-14}. There is no carriage {15-16}, there is no seat, there is only the floor.
      The heating on {*train} has two settings: off and Sahara.
      Missed the connection in {city} by {forty|twenty|thirty} seconds. Watched it leave. It waved, I think.
    `,
    ask: lines`
      Has anyone done {*train}? Is it worth paying for the private compartment?
      Best seat on {*train}: left or right side for the view?
      How do you sleep on a night train? I have tried earplugs, wine and acceptance.
      {city} to {city} by rail: where would you break the journey?
      Can I bring a bicycle on {*train}, or is that a fight I don't want?
      What do you pack for a whole day on trains, besides {comfort}?
    `,
    note: lines`
      People say hello on slow trains. Nobody has ever said hello on an express.
      Overheard on {*train}: "it's not late, it's spacious."
      {*train}. {window}. A child asking whether the train knows where it is going. Fair question.
      My whole personality is knowing which carriage stops next to the stairs.
      There should be a word for the moment when the other train moves and you think it is yours.
      The station café in {city} still has proper cups, a clock that works and a woman who calls everybody "captain".
      Twelve hours, four trains, one country seen sideways. I read half a book, slept through a mountain range, and was given a peach by a stranger who had bought too many. Flying would have been faster, but what would I have had at the end of it? Not a peach.
    `,
  },
  comments: {
    good: lines`
      [gift] I want that conductor to announce my mornings.
      [to the second] Screenshot or it didn't happen.
      [too excited] Nobody ever sleeps the first time. That's the point.
      [branch line] My grandmother cried when they closed it. I'll take her on the first train.
      The best way to travel, no contest.
      [hours to go|window] Window seat and nothing to do. Bliss.
      [booked|hours to go|took|conductor] I did that one last year and I still think about it.
      [hours to go|booked|took] Have the dumplings in the dining car if they still make them.
      [booked|hours to go|sleep in one] Okay, this convinced me. Booking.
      [window|hours to go] Look left after the long tunnel!
      [booked|hours to go] Send us a postcard from the other end.
    `,
    bad: lines`
      [earlier apology] They have reached the end of language.
      [sharing food] By midnight you will have elected a mayor.
      [it waved] I have seen that wave. It is not a kind wave.
      [reserved seat] The floor is first class if you close your eyes.
      [heating] I carry a scarf and shorts. Always both.
      [late|cancelled|missed|replaced|:] Claim it back! The form takes five minutes.
      [late|standing|diverted|announcement] I was on the one behind you. We had no lights, if that helps.
      [replaced by a bus] Replacement bus are the two saddest words.
      [late|cancelled|apologise|heating|replaced|standing|short] {subject} strikes again.
      [standing|short|late|cancelled] Hope you at least got a seat.
      [swan] Ah. The swan. I know that swan.
      Solidarity from platform {2-11}.
    `,
    ask: lines`
      [rail: where] Take the slow one along the water and stop wherever it smells of lunch.
      [sleep on] Feet towards the window. Don't ask me why, it works.
      [pack] A deck of cards. You make friends by the second border.
      [left or right] Right side, definitely. Then you have the river for two hours.
      [left or right] Left going out, right coming back.
      [private compartment] The compartment is worth it if you are two. Alone I would take the couchette.
      [bicycle] Bikes are fine if you reserve, and a nightmare if you don't.
      [sleep on] An eye mask and socks. And accept it.
      [break the journey] Break it in {city}. The station alone is worth the stop.
      [pack] Snacks. More snacks than that.
    `,
    note: lines`
      [say hello] True. On our branch line people also say goodbye.
      [child] It knows. It just won't tell.
      [peach] The peach 🍑 I'd take the slow train for that alone.
      [captain] She called me captain as well! I thought I was special.
      [carriage stops] Knowing the right carriage is a love language.
      [spacious] "Spacious" 😂
      [café] I miss proper station cafés.
      [be a word] There is a word for it, surely, in German.
    `,
    any: lines`
      One day I will have that much time.
      Rails over runways, always.
      I can hear the announcement.
      The journey is the good bit.
      {person} has been on every line in {country} and will tell you about it.
      I read this on a delayed tram, which felt right.
      [late|cancelled|announcement|heating|on time] Which operator was that?
      [coast|line|regional|steam|railbus] I love that line, the viaduct is something else.
      [the |line] My father drove on that route for twenty years.
      Still better than the airport.
      [hours to go|booked|train] Do they have sockets these days?
      [late|on time|timetable|missed] The timetable is a work of fiction.
    `,
  },
  bios: lines`
    Platform end, notebook in hand
    Collects small stations
    Rail passes and thermos flasks
    Changes at {city}
    Window seat, direction of travel
    Will take the slow train
    Reads timetables for fun
    Night trains > flights
    Railway person, not sorry
  `,
};
