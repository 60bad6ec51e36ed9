import { lines, type Topic, words } from './topic';

export const running: Topic = {
  name: 'running',
  emoji: ['🏃', '👟', '💪', '🥵', '🎽'],
  words: {
    distance: words`5k, 8k, 10k, 12k, 15k, 18k, 21k, 30 minutes, an hour, ten slow miles`,
    route: words`the canal path, the river loop, the park, the old railway line, the hill behind the school,
      the seafront, the forest track, the ring road, the reservoir, the industrial estate`,
    race: words`the {city} half, a trail marathon, the Sunday 10k, the city relay, my first marathon, the charity 5k,
      a night race, the harbour run, the village fun run`,
    ache: words`my left knee, my right calf, one very small toe, my hip, my shins, my Achilles, a blister, my pride`,
    runsnack: words`a banana, cold pancakes, two gels and a prayer, half a cinnamon bun, salted crisps, toast with honey`,
    gear: words`trail shoes, a running vest, bone-conduction headphones, a headtorch, wool socks, a foam roller,
      a second-hand watch, split shorts`,
    obstacle: words`a swan, a wedding party, three strollers abreast, a very proud goose, roadworks, a brass band,
      an off-lead labrador, fog`,
  },
  posts: {
    good: lines`
      {distance} along {*route}, no watch, no music. I had forgotten how good that is.
      Signed up for {*race}. Somebody hide my phone before I read the elevation profile.
      Ran with {friend} today and talked the whole way, which according to the internet means the pace was right.
      New personal best on {*route}: {41-58}:{10-59}. Then I lay on the grass for {10-25} minutes.
      Week {2-9} of the plan done. I am now the kind of person who owns {*gear}.
      Finished {*race} {today|at last|this weekend}! Not fast, not pretty, but nobody can take the medal away.
      The bakery on {*route} opens at six. I have never been so motivated in my life.
      First run after {three|four|five|six} weeks off and {ache} said nothing at all.
      Somebody on {*route} shouted "you are doing brilliantly" at me and I nearly cried. Shout at runners, people.
    `,
    bad: lines`
      {distance} planned, {2-4} km run. {ache} has opinions.
      Chased off {*route} by {obstacle}. No, I do not want to talk about it.
      Two physios, two diagnoses, one thing in common: no running for {3-8} weeks.
      Forgot to charge the watch, so apparently that run did not happen.
      Hit the wall at kilometre {26-35} of {*race}. Everything they say about the wall is true.
      Who decided {*route} needed that many dogs, prams and scooters at seven in the morning?
    `,
    ask: lines`
      Runners: does anyone here actually like {*gear}, or do we all just pretend?
      What do you eat before a long run? I have tried {runsnack} and I regret it.
      Coming back after {ache} gave up. Do I start with walk-run intervals or just go slow?
      Is {*race} a good first race? I can do {distance} on a kind day.
      Looking for someone to run {*route} with on {weekday} evenings, easy pace, chatting allowed.
      How do you all run in {the dark|heavy rain|real heat}? I have started bargaining with my alarm.
    `,
    note: lines`
      Ran past {obstacle} on {*route} today. We nodded at each other like old colleagues.
      Breakfast before the long run: {runsnack}. Breakfast after the long run: everything else in the house.
      Running is {10|five|twenty} percent running and the rest is laundry.
      A man of about eighty overtook me on {*route}, said "good morning, don't stop", and vanished uphill. Goals.
      Notes from {*race}: the first kilometre lies to you, the last one is honest, and whoever hands out orange slices at kilometre {14-19} is a saint.
      Every running plan should have a line that says "{weekday}: sit on the sofa and think about what you have done".
      Three years ago I could not run for a bus. Today it was {distance} on {*route} before work. I am not telling you this to show off. I am telling you because the first month was miserable and I wish someone had said that it stops being miserable.
    `,
  },
  comments: {
    good: lines`
      [bakery] The cardamom ones are gone by half past, I checked.
      [shouted|crying|cried] I will shout louder from now on.
      [signed up] No way back now. See you at the start!
      [watch, no music|no watch] The best kind of run.
      [weeks off] The body remembers. Mine only complains.
      [person who owns] It starts with one. Then you own four.
      [pace|best|finished] Flying!
      [best|finished] That is a serious pace for {subject} 👏
      {Legs of steel|Machine|Unstoppable}.
      [signed up|with @|talked] Save me a spot next time, I need someone to keep me honest.
      [finished|best|week] Well earned. Now eat something enormous.
      This makes me want to put my shoes on. Almost.
      [first run|week|best] You have come so far since spring, it is lovely to watch.
      [best|finished|week] Strong! What is the next goal?
    `,
    bad: lines`
      [chased] I need to hear about it immediately.
      [forgot to charge] If it isn't on the watch, you get to run it twice. Sorry, those are the rules.
      [wall] The wall and I are on first-name terms.
      [dogs, prams] Six in the morning! Just me and the ducks.
      [physio|opinions|km run] Rest is training too. I know, I hate it as well.
      [opinions|wall|km run] Ice, tea, and no stairs for a day.
      [physio|opinions] Been there. It took me {3-7} weeks and then suddenly it was gone.
      [physio|opinions] The comeback run will be so sweet.
      [physio|opinions] My physio says "patience" and charges me {40-70} for it.
      [physio|running for] Swimming kept me sane when I was injured, for what it's worth.
      Oh no. Heal fast!
    `,
    ask: lines`
      [dark] Headtorch, high-vis and a friend who is more afraid than you are.
      [heavy rain] You only get wet once.
      [heat] Before sunrise or not at all.
      [pretend] I own two and I use neither.
      [eat before] Porridge, two hours before. Boring and it works.
      [coming back|walk-run] Start embarrassingly slow. Slower than that.
      [first race] I would do it! Just don't go off too fast.
      [like|eat before] Try it on a short run first, never on race day.
      [walk-run] Walk-run, honestly. Leave the ego at home for a month.
      [actually like|coming back] Depends on your shoes. What are you running in?
      [looking for] Count me in for {weekday}, if you don't mind slow.
      [looking for|coming back] There is a club that meets at the fountain on {weekday}s, very friendly, all speeds.
    `,
    note: lines`
      [eighty|overtook] I want to be him. I am also slightly afraid of him.
      [orange slices] The orange people deserve statues.
      [bus] I needed to read this today. I'm in the first month.
      [laundry] The laundry. Nobody warns you about the laundry.
      [nodded] I think I have met the same one.
      [sofa|laundry|first kilometre] Putting this on the fridge.
      This is the most accurate thing anyone has written about running.
    `,
    any: lines`
      Shoes by the door for tomorrow. No promises.
      You make it sound almost fun.
      My watch just told me to stand up, so we are not the same.
      My longest run this week was to the tram.
      Respect. I get tired tying the laces.
      [path|loop|park|railway|hill|seafront|track|road|reservoir|estate] I run there too! {Yellow cap|Orange shoes|Always late}, say hello.
      [path|track|trail|park|loop|railway] How muddy is it there at the moment?
      My knees hurt reading this.
      Meanwhile I got out of breath looking for my keys.
      [signed up|race|marathon|half|10k] Is it hilly? Be honest.
      I did the same on {weekday} and have been walking downstairs backwards since.
    `,
  },
  bios: lines`
    Couch to 5k to couch
    Runs along the river, stops for dogs
    Trail mud collector
    Always two minutes slower than planned
    Slow runner, fast eater
    Running so that I can have the second pastry
    {2-6} marathons, zero regrets, some toenails
    Runs before sunrise, naps after lunch
    Collecting race shirts
  `,
};
