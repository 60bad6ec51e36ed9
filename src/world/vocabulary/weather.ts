import { lines, type Topic, words } from './topic';

export const weather: Topic = {
  name: 'weather',
  emoji: ['🌧️', '⛅', '🌈', '🌬️', '☀️', '⛈️'],
  words: {
    sky: words`a double rainbow, a sky the colour of slate, the pinkest sunset, fog down to the rooftops, lightning far out at sea,
      clouds like ploughed fields, a perfectly round halo around the moon, mist lying on the river, one single cloud in all that blue,
      towering storm clouds`,
    wind: words`the wind, a proper gale, the sea breeze, a gust, the draught from under the door`,
    loss: words`my umbrella, two roof tiles, next door's trampoline, the parasol, my hat, a whole line of washing, the garden chairs`,
    forecast: words`sunny spells, light showers, "a chance of drizzle", 20 percent, dry until evening, a calm night`,
    reality: words`a wall of water, hail the size of grapes, thunder, sideways rain, a small flood, fog so thick I greeted a letterbox`,
  },
  posts: {
    good: lines`
      Look up, if you are anywhere near {city}: {*sky}.
      First rain in {three|four|five} weeks. The whole street came out to stand in it.
      {*sky} from the kitchen window. Dinner burnt, no regrets.
      Thunderstorm over the roofs, windows open, lights off. Free theatre.
      The air after the storm. If I could bottle it I would give it to all of you.
      {*sky} on the way home. Four strangers at the bus stop, all of us pointing.
      Jacket weather! My favourite season is whatever lets me wear the green jacket.
    `,
    bad: lines`
      Forecast: {forecast}. Reality: {*reality}.
      {wind} took {loss} {last night|at noon|around six}. If found in {city}, please return.
      Day {three|four|five} of grey. I have begun to name the shades.
      Soaked to the bone on an eight-minute walk. The sun came out as I found my keys.
      {31-38} degrees in the flat at midnight. I am now part of the freezer.
      Hung the washing out. You all know what happened next. You're welcome, gardens.
    `,
    ask: lines`
      Is it just here, or does everyone have {*sky} right now?
      Which weather app do you trust? Mine says {forecast} and I am looking at {reality}.
      Did anybody else hear that thunder? The whole house hummed.
      How do you keep a top-floor flat cool without air conditioning?
      Does anyone have a photo of {*sky} from the other side of town?
      What is your rule: umbrella, raincoat, or surrender?
    `,
    note: lines`
      My grandfather forecast the weather by his knee and was right more often than the app.
      {*sky}. No filter, no explanation.
      There are {eleven|fourteen|seventeen} kinds of rain here, and today we had {six|seven|nine} of them before lunch.
      {wind} is strong enough tonight that the pigeons are walking.
      You can tell who grew up by the sea: they are the ones without umbrellas.
      Small talk about the weather is not small. It is how we say "I see you, I also live under this sky".
      Rain gauge in the garden says {18-47} millimetres since yesterday. I have kept a notebook since {2009|2012|2015}, one line a day, and it is the most boring and most treasured book I own. On this date {three|five|seven} years ago: "{sky}. Cold hands. Soup."
    `,
  },
  comments: {
    good: lines`
      [jacket] The green jacket! Finally.
      [whole street] We did too. Somebody brought a saucepan and drummed.
      [bottle it] I'd buy two.
      [dinner burnt] Priorities exactly right.
      [rain|storm|sky|thunder|look up] We had it here as well! Ran out in my socks.
      [look up|way home|kitchen|theatre] Stunning.
      [look up|way home|kitchen|window] {subject}, and I was in a meeting without windows 😭
      [look up|way home] Saw it from the bridge. Everybody had stopped walking.
      [rain|storm] That smell! Petrichor. Best word, best smell.
      [look up|way home|kitchen] Wow. Was that tonight?
      [look up|way home|theatre|rain] Nature showing off again.
    `,
    bad: lines`
      [shades] Please publish the list. I need a word for today's.
      [freezer] Is there room next to the peas?
      [took my hat] It's in our tree. Come and get it.
      [reality] We got the same, ten minutes later. Thanks for sending it over.
      [took] Our trampoline is now in another postcode.
      [washing] The washing line is the most reliable rain dance there is.
      [degrees] Wet towel, fan, feet in a bucket. Dignity optional.
      [soaked|reality|grey] Stay dry!
      [reality|soaked] Not a drop here. Please share.
    `,
    ask: lines`
      [other side] No photo, but I can confirm it with a tear in my eye.
      [rule] Cap, hood, stoicism.
      [thunder] Heard it here too, the dog is under the bed.
      [does everyone|just here] Clear skies on this side of town, strangely.
      [umbrella] Raincoat. Umbrellas only make the wind angry.
      [app] I just look out of the window and hope.
      [cool] Shutters down at nine in the morning, everything open at night. My grandmother's system.
      [app] The radar map. Ignore everything else.
      [surrender] Surrender, obviously.
    `,
    note: lines`
      [kinds of rain] We need names for them. The one that comes from below is called Brian.
      [small talk] I'll never apologise for weather talk again.
      [umbrellas] Born there. Can confirm. I own none.
      [notebook] I would read that notebook.
      [knee] My knee disagrees with yours.
      [soup] Soup. The entry we all needed.
      [pigeons] Walking pigeons, the best wind gauge.
    `,
    any: lines`
      Meanwhile, I haven't left the house.
      {person} called just to tell me about it.
      I keep refreshing the radar.
      It's always a different season on your street.
      The light was strange all day here.
      My plants have opinions about this.
      Typical, I had just washed the windows.
      [look up|sky|sunset|no filter] Which direction is that looking?
      {Windy|Grey|Blazing} here in {city}.
      [wind|gale|gust|storm|hail|thunder] Bring the plants in, just to be safe.
      [rain|grey|soaked|forecast|wind|degrees] Tomorrow should be better, they say. They always say.
      I love that we all live under the same sky and have completely different weather.
      [rain|storm|hail|thunder|wall of water] It passed here about {ten|twenty|forty} minutes ago.
    `,
  },
  bios: lines`
    Likes rain, on principle
    Storm watcher
    Checks the radar before breakfast
    Barometer on the wall
    Amateur cloud watcher
    Keeps a rain gauge
    Owns one good raincoat
    Always near a window
  `,
};
