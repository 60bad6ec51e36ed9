import { lines, type Topic, words } from './topic';

export const repairs: Topic = {
  name: 'repairs',
  emoji: ['🔧', '🪛', '🏠', '🪚', '🎨'],
  words: {
    object: words`the toaster, a wobbly chair, the dishwasher, my grandfather's radio, the garden gate, a sewing machine, the kitchen tap,
      a lamp from the street, the bathroom door, the washing machine, an old typewriter, the roller blinds, the front step, a kettle`,
    tool: words`a butter knife, one screwdriver, {person}'s drill, a video from 2009, glue and hope, a borrowed sander, a shoelace, the smallest Allen key`,
    find: words`newspapers from {1953|1968|1974}, a second, older wallpaper, a marble, a love letter, a wasps' nest, no insulation whatsoever,
      a window nobody knew about, oak floorboards`,
    colour: words`"Quiet Sage", "Elephant's Breath, but cheaper", a yellow that fights back, dark green, "Oat Whisper", plain white after all, terracotta`,
    room: words`the hallway, the bathroom, the kitchen, the small bedroom, the cellar, the stairs, the shed`,
  },
  posts: {
    good: lines`
      Fixed {*object} with {tool}. Total cost: {two|three|four} euros. Total smugness: immeasurable.
      Took up the carpet in {room} and found {find}. Christmas!
      The repair café brought {*object} back to life. A retired engineer, two magnifying glasses, one "aha".
      {*room} is painted. {colour}. Stood in it for an hour like a visitor.
      It works! {*object} works! I have left two screws over, but it works!
      {friend} came to help with {room} for "an hour". We finished at midnight, with chips on the floor, very happy.
      Turned an old door into a desk. It still has the letterbox. I get my post there now.
    `,
    bad: lines`
      Tried to fix {*object} with {tool}. Now I have two problems and a wet sock.
      Opened one wall in {room}. Found {*find}. Closed my eyes.
      {colour} looked different on the little card.
      The shelf was level. The house isn't.
      "Twenty-minute job": {four|five|six} hours, three trips to the hardware shop, one plaster.
      {*object} is made in such a way that it can only be repaired by somebody with three hands and no self-respect.
    `,
    ask: lines`
      Can {*object} be saved, or am I being sentimental?
      Which {colour} would you take for {room} with one small window to the north?
      What is this thing I found behind {*object}? It looks important. It isn't connected to anything.
      Renting, and {room} is bleak. What can I do that I can undo?
      Where do you get spare parts for {*object} older than I am?
      How do you hang something heavy on a wall made of biscuit?
    `,
    note: lines`
      Every house has a drawer with {tool}, three dead batteries and a key to nothing.
      Order of events: measure once, cut twice, swear, measure.
      The man in the hardware shop sold me one screw. One. He wrapped it.
      {find}, behind the panelling in {room}. I put it back, with a note of our own.
      Things that hold {*object} together: one original screw, paint, habit.
      Moved into this flat {four|five|seven} years ago and said "we will do {room} first". Reporting live from the untouched {room}.
      My father never threw anything away. I used to roll my eyes. Today I needed one particular brass hinge, from before the war, and there it was, in a jar, labelled in his handwriting: "you will need this".
    `,
  },
  comments: {
    good: lines`
      [carpet] Oak floorboards are the dream. Newspapers are a good second.
      [chips on the floor] The best meals are eaten on dust sheets.
      [magnifying] That engineer fixed my hair dryer and told me about the moon landing.
      [like a visitor] I still visit my bathroom.
      [screws over] The spare screws are a bonus.
      [fixed|painted|works|turned|finished] Proper job 👏
      [repair café] Repair cafés should get a medal.
      [fixed|works|back to life] {subject} will outlive us all now.
      [fixed|works|smugness] That feeling! Nothing in a shop comes close.
      [letterbox] The letterbox stays. Well done.
      [fixed|works|turned] Could you come and look at mine?
      [painted|turned|fixed] Looks better than new.
    `,
    bad: lines`
      [the house isn] Saw the legs off the house. Problem solved.
      [closed my eyes] Close the wall. Move.
      [twenty-minute] Time in a hardware shop passes differently.
      [wet sock|tap] Turn the water off first. Ask me how I know.
      [three trips] Three trips is the legal minimum.
      [level] Levels lie, eyes lie, walls lie.
      [three hands|made in such] Buy an old one. They knew how to build things in the eighties.
      [little card] The little card always lies.
      [two problems] Two problems and a wet sock is a Saturday in our house.
    `,
    ask: lines`
      [north] Yellow! Always cheat with yellow.
      [connected] Never throw it away. It will be needed the day after.
      [biscuit] Hang something lighter. Ideally nothing.
      [sentimental] Save it! They don't make them like that.
      [biscuit] Toggle bolts. And prayer.
      [connected] It's the old doorbell transformer, I think. Harmless.
      [renting] Big rug, warm lamps, hide the rest.
      [window to the north] Warm white and a large mirror. North light is unforgiving.
      [spare parts] There is a man at the flea market with boxes and boxes of them. Bring the broken one along.
      [sentimental] Sentimental is a perfectly good reason.
    `,
    note: lines`
      [measure] "Swear" twice in our version.
      [untouched] We are at seven years and one curtain.
      [habit] Habit is the strongest glue.
      [you will need] "You will need this." I'm not crying.
      [wrapped] He wrapped it. I love him.
      [key to] A key to nothing! Everyone has the key to nothing.
      [note of our] Leave the note. Somebody will laugh in fifty years.
    `,
    any: lines`
      You are handy, I am decorative.
      I have a drill and no courage.
      Send pictures when it's done!
      I need a friend like you with a toolbox like that.
      {person} says to call a professional. They are one, mind you.
      Every home is held together by somebody's Saturday.
      This is oddly soothing to read.
      [painted|floor|turned|fixed] What did you use for the finish?
      [painted|turned|carpet|room|renting] Before and after pictures, please.
      [broken|fix|level|wobbly|toaster|tap|dishwasher|machine] I have the same one and the same problem.
      [renting|wall|painted|carpet] My landlord would faint.
      [sander|painted|wall|wallpaper] Mask, gloves, window open.
      Do you take commissions? Paid in cake.
    `,
  },
  bios: lines`
    Never met a hinge I didn't like
    Sands things
    DIY, mostly U
    Has a shed
    Repairs things that were fine before
    Owns a label maker
    Restoring a house, slowly
    Will fix it on Saturday
  `,
};
