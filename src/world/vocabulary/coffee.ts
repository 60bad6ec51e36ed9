import { lines, type Topic, words } from './topic';

export const coffee: Topic = {
  name: 'coffee',
  emoji: ['☕', '🫖', '🥐', '😴'],
  words: {
    brew: words`a flat white, filter coffee, a cortado, a moka pot, cold brew, a ristretto, an AeroPress at the desk, Turkish coffee,
      a Vietnamese iced coffee, an oat cappuccino, a doppio`,
    bean: words`a washed Ethiopian, something natural from {country}, a dark roast from the corner shop, beans a friend roasted in a popcorn machine,
      a Kenyan that tastes of tomato, Rwandan beans, decaf (yes, decaf)`,
    cafe: words`the café by the fire station, the new place on the corner, the kiosk under the bridge, the bakery with two tables,
      the one with the wobbly chairs, the café where nobody takes off their coat`,
    note: words`blackcurrant, jasmine, burnt toast, apricot, wet cardboard, cocoa, "a hint of fig" (it did not), cola, my childhood`,
    gadget: words`the hand grinder, the espresso machine, the scale, the gooseneck kettle, the milk frother, a bent paper clip`,
  },
  posts: {
    good: lines`
      {*brew} at {cafe}. The barista drew a swan. It was a potato, but a heartfelt one.
      Dialled in {*bean} after {five|six|nine} tries. Tastes of {note}. I have told everyone, including the post office.
      The owner of {*cafe} put a chair outside for a man who only ever reads the paper and never orders. I will drink there until I die.
      {friend} brought me {*bean} from {city}. This is how you apply for best friend.
      First sip of {*brew}, on the step, in the sun, before anyone needs anything.
      Fixed {*gadget} myself, with a paper clip and a video by a very calm man.
      {*cafe} now knows my order. I have made it in this town.
    `,
    bad: lines`
      {*gadget} is broken. So am I. In that order.
      {*brew}: {four|five|six} euros and {ten|twelve|eighty} cents. I held it with both hands.
      Bag said {note}. Cup said regret.
      Made {*brew} with no coffee in it. Just hot water through an empty filter. It's {weekday}.
      {*cafe} is closing at the end of the month. {Nineteen|Twelve|Thirty} years. I don't know where we will all go now.
      Doctor suggested "maybe two cups instead of six". I suggested another doctor.
    `,
    ask: lines`
      Does {*gadget} matter more than the beans? Fight politely.
      Where can I get a decent {brew} near the station in {city} before seven?
      How much is too much? I'm on my {fourth|fifth|sixth} and can hear colours.
      Good decaf: myth or real? I would drink {*bean} at night if my heart allowed it.
      My {brew} is sour. Finer, hotter or slower? I change everything at once and learn nothing.
      What do you drink when you don't drink coffee?
    `,
    note: lines`
      {*bean}. {brew}. {note}, if you believe in that sort of thing.
      Coffee first. Then the other personality.
      Overheard at {*cafe}: "I'll have what she's having, but calmer."
      A working day is a series of walks to the kettle.
      {person} still makes it with {two|three} spoons in a jar and a saucer on top, and it is better than mine. It's annoying.
      Office coffee machine error {14-88}: "please fill beans, empty grounds, reconsider". I added the last one. It felt implied.
      There's a man at {*cafe} who comes every day at {7:50|8:10|ten past eight}, drinks one espresso standing up, says "well then", and leaves. I have built my entire morning around him. Today he looked at me and said "well then" before I could. I think we are friends now.
    `,
  },
  comments: {
    good: lines`
      [post office] The post office needed to know.
      [the step] The ten best minutes of any day.
      [best friend] Application accepted.
      [potato] A heartfelt potato is all I ask.
      That's the good stuff.
      {subject} ☕❤️
      [first sip|dialled|brought] I'll be over in ten minutes. Put the kettle on.
      [chair outside] That chair deserves a plaque.
      [calm man] The very calm man has saved my machine as well.
      [knows my order] Knowing your order is basically citizenship.
      [dialled|brought me] Where do you get it?
    `,
    bad: lines`
      [closing] I learnt to be an adult in there.
      [regret] Tasting notes are poetry by people in a hurry.
      [no coffee] We have all drunk the clear one.
      [closing|broken] Not {subject}! 😭
      [euros] I paid more than that in an airport and it came with a lid I couldn't open.
      [broken|no coffee] Instant. Just for today. We won't tell.
      [hot water] Hot water with ambition.
      [doctor] Two cups, but large ones. The doctor said nothing about size.
      [broken] Descale it. Nine times out of ten it is that.
    `,
    ask: lines`
      [too much] Count in litres, it sounds less.
      [sour] Hotter water did it for me.
      [fight politely] Water. The answer is water. (Runs.)
      [matter more] Grinder first, everything else later.
      [sour] Finer. One change at a time, says me, who never does that.
      [colours] If you can hear colours, it's time for water.
      [decaf] Good decaf exists! Look for the Swiss Water ones.
      [when you don't] Tea. (Ducks.)
      [when you don't] Barley coffee, like my nonna. Don't laugh.
      [before seven] The kiosk behind the taxi rank opens at six. Trust me.
    `,
    note: lines`
      [kettle] And a few walks to the window.
      [spoons] Theirs is better because somebody else made it.
      [i think we are friends] Please report back tomorrow.
      [other personality] I only know the second one. Lovely person.
      [well then] Well then.
      [calmer] "But calmer" 😂
      [jar] Jar and saucer people know something.
      [reconsider] Reconsider! I need that on a mug.
    `,
    any: lines`
      Black, no sugar, no talking.
      Mine went cold while I read this.
      Cup number three salutes you.
      I can smell it through the screen.
      {person} takes it with salt. We don't discuss it.
      You should open a place.
      Decaf people are people too.
      [ethiopian|kenyan|rwandan|filter|aeropress|dialled|cold brew] What ratio do you use?
      I'm having mine right now. Cheers.
      [flat white|cappuccino|cortado] Oat milk or are we still friends?
      Best part of the day.
      [grinder|dialled|machine] My grinder sounds like a tractor and I love it.
      Too late for me, I'd be up until {weekday}.
    `,
  },
  bios: lines`
    Espresso before opinions
    Cup four of six
    {brew}, please
    Café sitter
    Runs on {brew}
    Coffee first
    Ask me about grinders. Or don't
    Regular at {cafe}
  `,
};
