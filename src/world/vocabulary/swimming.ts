import { lines, type Topic, words } from './topic';

export const swimming: Topic = {
  name: 'swimming and hills',
  emoji: ['🏊', '🌊', '⛰️', '🥾', '🥶'],
  words: {
    water: words`the lake, the outdoor pool, the sea, the river below the weir, the quarry, the tidal pool, the harbour steps`,
    hill: words`the ridge, the north summit, the volcano path, the long way over the moor, the gorge, the hut below the glacier, the cliff walk`,
    temp: words`{6-9} degrees, {10-13} degrees, {14-18} degrees, colder than my fridge`,
    reward: words`soup at the hut, hot chocolate, a cheese roll, plum cake, tea from a stranger's flask, chips in the car`,
    companion: words`my aunt's swimming group (average age {68-77}), {friend}, two ducks, nobody at all, a seal, {person}, an entire school class`,
    wildlife: words`an otter, a kingfisher, a marmot with opinions, an eagle, jellyfish (friendly), a very large pike, chamois, a heron`,
  },
  posts: {
    good: lines`
      {*water} at sunrise, {temp}, with {companion}. Nothing in my head for eleven whole minutes.
      Up {*hill} and back before the rain. {reward}. Asleep by nine.
      First full kilometre in {*water} without stopping. The lifeguard gave me a thumbs up, and I nearly drowned from pride.
      Saw {wildlife} from {*hill}. We both stood very still. I blinked first.
      The changing room at {*water}, {weekday} morning: six women over seventy, one thermos, all the news you'll ever need.
      {reward} after {*hill}. Food has never tasted like this at sea level.
      Took {person} up {hill}. They complained until the top and then wouldn't leave.
    `,
    bad: lines`
      {temp} in {*water}. I said a word my mother does not know that I know.
      Cloud on {*hill}. We climbed for {three|four|five} hours to look at the inside of a pillow.
      {*water} is closed because of algae. I am one with the towel.
      New boots. Old mistake.
      Left my goggles in {city}, my towel at home, and my courage somewhere on the steps.
      The signpost said two hours. It said two hours {an hour|ninety minutes} later as well.
    `,
    ask: lines`
      Wetsuit or not at {temp}? {companion} laughed at me when I asked.
      Is {*hill} doable with a {six|seven|nine}-year-old who stops for every beetle?
      How do you breathe on both sides without swallowing {water}?
      Anyone driving to {*hill} on {weekday}? I can bring {reward}.
      Which map app works with no signal at all?
      How do you warm up afterwards? It's been {an hour|two hours}, and I'm still typing in gloves.
    `,
    note: lines`
      {wildlife} at {*water} this week. Everyone whispers when they tell you.
      Rule for {*hill}: start slow, then get slower.
      There is no bad mood that survives {temp}.
      {companion}, {*water}, {temp}. {reward} afterwards. That's the whole recipe.
      Hut rules on {hill}: shoes off, phones off, everybody does the dishes, the oldest gets the bunk by the stove.
      An old woman at {water} told me she has swum here every single day since {1971|1979|1983}. "Every day?" I asked. "Not on the day my daughter was born," she said. And then: "Well. In the morning."
    `,
  },
  comments: {
    good: lines`
      [blinked] It knows you now.
      [sea level] I ate mine in the car park, still counts.
      [nearly drowned] A thumbs up from that lifeguard is rarer than gold.
      [complained] They always do. Then it was their idea.
      [sunrise|up |reward|after|changing] This is the life.
      [sunrise|saw] {subject} in that light must be something.
      [sunrise|kilometre|temp|degrees] You are braver than me by about ten degrees.
      [sunrise|morning] What a morning!
      [changing room] Changing-room news is the only news I trust.
      [soup] I'd walk five hours for that soup.
      [up |sunrise|saw] Take me next time? I can carry the flask.
      [kilometre] Your lungs must be enormous by now.
    `,
    bad: lines`
      [goggles] The courage is still on the second step, I saw it there.
      [signpost] Those signs were written by goats.
      [one with the towel] The towel deserves a day off too.
      [pillow] The inside of a pillow 😂
      [boots] Blister plasters, two pairs of socks, denial.
      [degrees|fridge|cloud|left my] At least you went! I looked out of the window and went back to bed.
      [algae] Algae season. We drove to the quarry instead, it's clear.
      [closed|cloud] {subject} will still be there next week.
      [said a word] Which word? Asking for linguistic reasons.
    `,
    ask: lines`
      [signal] Download it twice. Then bring the paper one anyway.
      [gloves] Sit on the radiator. Become the radiator.
      [driving to] No car, but I'll trade snacks for a seat.
      [wetsuit] No wetsuit. In, count to ninety, out, tea.
      [beetle] Doable, but plan one hour extra for beetles.
      [warm up] Ginger tea, wool hat, and somebody to complain to.
      [driving] I'm driving, two seats free! Message me.
      [breathe] Exhale under water the whole time, that was the trick for me.
      [map app] Paper map. Works at minus ten and never needs charging.
      [wetsuit|warm up] Neoprene gloves and shoes make all the difference.
    `,
    note: lines`
      [bad mood] Cheaper than therapy, colder too.
      [recipe] Same recipe here, plus biscuits.
      [dishes] The dishes are where you make friends.
      [in the morning] "Well. In the morning." What a woman.
      [whispers] I also whispered when I told my husband.
      [slower] Start slow, then get slower. Also good advice for everything else.
      [bunk] The bunk by the stove is worth getting old for.
    `,
    any: lines`
      You always look so happy after these.
      My hot water bottle says no.
      See you at the top, in about a year.
      One of these days I'll come along.
      {person} used to do that every winter.
      Salt hair, good sleep.
      Fresh air people frighten and inspire me.
      Which bus goes there?
      [sunrise|degrees|fridge|water|lake|pool|sea] How cold was it really?
      [ridge|summit|volcano|moor|gorge|hut|cliff] Is the path to {subject} dry at the moment?
      [degrees|sunrise|fridge|glacier] I've never dared to. Maybe this year.
      [river|sea|tidal|weir] Careful with the current after the rain.
      [lake|pool|river|quarry|harbour] I swam there as a child. They had a raft in those days.
      Respect.
    `,
  },
  bios: lines`
    Outdoor swimmer, indoor complainer
    Hut to hut
    Map reader
    Looks for lakes
    Cold water, warm hat
    Swims in {water}
    Up {hill} when the weather holds
    Happiest above the treeline
  `,
};
