import { lines, type Topic, words } from './topic';

export const dogs: Topic = {
  name: 'dogs',
  emoji: ['🐶', '🐕', '🐾', '🦴', '❤️'],
  words: {
    dog: words`Bruno, Rocket, Nelson, Barnaby, Pepper, Olaf, Monty, Kiwi, Balu, Oskar, Teddy, Rufus, Churro, Hugo, Ravi,
      Sergeant, Pancake`,
    treasure: words`half a stick (the wrong half), somebody's sock, a tennis ball from the nineties, an entire baguette, a dead crab, a glove,
      a frisbee twice his size, a potato`,
    fear: words`the hairdryer, a plastic bag, balloons, a statue of another dog, the letterbox, a leaf moving in a certain way, stairs with gaps`,
    walk: words`the beach, the woods, the long loop, the field behind the station, the park, the river path`,
    skill: words`"paw", "stay" (mostly), how to open the fridge, to sit at the crossing, to ring a bell for the garden, nothing (but with style)`,
  },
  posts: {
    good: lines`
      {*dog} found {treasure} on {walk} and carried it home like a trophy.
      {*dog} learnt {skill} today. We are a family of geniuses.
      One year with {*dog}. From "don't touch me" to sleeping on my face.
      Met {friend} on {walk}. The dogs ran circles, we talked for two hours, nobody got cold.
      {*dog} greeted me as if I'd come back from the war. I had taken out the bins.
      The old lady downstairs borrows {*dog} every {weekday}. They watch quiz shows. He comes home knowing capitals.
      {*dog} passed the therapy dog test! First visit is at the care home on {weekday}.
    `,
    bad: lines`
      {*dog} rolled in something on {walk}. I have washed him twice, and myself three times.
      {*dog} is afraid of {fear}. We now take the long way round.
      Ate my {lunch|left shoe|glasses|homework, literally}. Looked sorry for nearly a second.
      Vet bill: {180-640}. Cause: {treasure}.
      {*dog} was invited to the wedding. {*dog} met the cake.
      It is raining sideways, and {*dog} would like to smell every single blade of grass.
    `,
    ask: lines`
      How do I get {*dog} past {fear}? We have been standing here for ten minutes.
      Adopting an older dog: what should I know? There is a {nine|ten|eleven}-year-old with one ear, and I keep looking at the picture.
      Anyone up for a dog walk at {walk} on {weekday}, around {nine|ten|four}?
      Recommendations for a dog sitter near {city} who does not mind being stared at?
      What do you feed a dog with a stomach like a Victorian poet?
      Is it normal for {*dog} to snore louder than {person}?
    `,
    note: lines`
      {*dog} has {four|five} beds and sleeps on the tiles.
      I know the names of {thirty|forty|sixty} dogs in this town and {two|three} of the owners.
      {*dog} brought me {treasure}. I said thank you. One has to.
      Nobody in this house is allowed to say the word "{walk|ham|park|squirrel}" any more. We spell it. {*dog} can spell.
      Every walk is a newspaper to him, and I'm the one who keeps turning the page too early.
      {*dog} is {fourteen|thirteen|fifteen} now. The walks get shorter and take longer. We stop at every bench, we look at ducks, we let the young ones run past. I used to be in such a hurry, I don't remember where to.
    `,
  },
  comments: {
    good: lines`
      [genius] Mensa will be in touch.
      [don't touch me] This is what patience looks like.
      [therapy] The care home is about to have its best day.
      [circles] That was my favourite {weekday} in ages.
      {subject} is the goodest.
      Tell {subject} I said woof.
      [capitals] Capitals! 😂 What's the capital of Mongolia, {subject}?
      [bins|face|circles|home like] That is the whole point of dogs, right there.
      [one year with] Who rescued whom, as they say.
      [baguette] He earned that baguette.
      [trophy|wedding|bins|learnt] Please tell me there is a video.
      [therapy|learnt|one year] Best news of the day 🐾
    `,
    bad: lines`
      [rolled in] It's always fish. Inland, even. Fish.
      [long way round] The long way round is more scenic anyway.
      [blade of grass] He has a lot to read.
      [wedding] The cake knew the risks.
      [rolled] Tomato juice is a myth, by the way. Ask me how I know.
      [cake] {subject} met the cake. I laughed far too loud.
      [balloons] Balloons ARE suspicious, he has a point.
      [potato] Expensive potato.
      [afraid|vet bill] Poor thing! Give him a belly rub from me.
      [nearly a second] Nearly a second! That's progress.
    `,
    ask: lines`
      [sitter] Mine is happy to be stared at, she stares back.
      [victorian] Small portions and a chaise longue.
      [one ear] Go and meet him. Just meet him. (You know how this ends.)
      [adopting] Take the old dog. TAKE THE OLD DOG.
      [how do i get] Cheese, patience, distance. In that order.
      [dog walk] We'd love to come! Ours is small but loud.
      [stomach] Boiled chicken and rice for three days, worked every time.
      [adopting] Old dogs are the best dogs. They already know everything, and they want a blanket.
      [snore] Completely normal. Ours wakes himself up and looks offended.
      [how do i get] Try sitting down next to the scary thing and eating a sandwich. Seriously.
    `,
    note: lines`
      [newspaper] We only ever skim. He likes to read the small ads.
      [thank you] It would be rude not to.
      [squirrel|ham] S-Q-U-I… no, he's up.
      [spell] Ours can spell too. We have moved on to sign language.
      [is fourteen|is thirteen|is fifteen] The shorter and longer walks 🥲
      [names of] I'm known here only as "Frida's person".
      [tiles] The tiles are a lifestyle.
    `,
    any: lines`
      What a face.
      He is a gentleman.
      My day is better now.
      Give him a biscuit and put it on my bill.
      {person} wants a dog now, and it's your fault.
      Nose boop.
      Those ears!
      Good boy. Very good boy.
      [learnt|trophy|greeted|rolled|snore|afraid] What breed is {subject}, or is it a surprise mix?
      Belly rubs from all of us.
      [adopting|learnt|trophy] How old?
      Dogs improve every street.
      I think our dogs know each other.
      I don't have a dog. I just follow you for this.
    `,
  },
  bios: lines`
    Walks before words
    Lives with {dog}
    Adopted by a dog in {2016|2018|2021}
    Sticks carried: many
    {dog}'s person
    Here for the dogs
    Dog walker to the neighbourhood
    Never without a ball in the pocket
  `,
};
