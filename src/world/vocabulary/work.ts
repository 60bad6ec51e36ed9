import { lines, type Topic, words } from './topic';

export const work: Topic = {
  name: 'work',
  emoji: ['💼', '📎', '😅', '🖨️', '📅'],
  words: {
    job: words`night shift on the ward, a museum, the tax office, a bakery, the call centre, the bike workshop, a law firm, the primary school,
      the ferry company, a start-up with a slide, the city archive, a flower shop`,
    task: words`the quarterly report, the rota, a grant application, stocktaking, the inbox, the handover, marking {30-90} essays, the spreadsheet,
      the audit, the newsletter`,
    meeting: words`the Monday meeting, a meeting about meetings, the stand-up (we sit), the budget round, the all-hands, the workshop with the sticky notes`,
    phrase: words`"let's circle back", "quick question", "per my last email", "it's on my radar", "can everybody see my screen?", "we're a family here",
      "low-hanging fruit", "just a gentle reminder"`,
    colleague: words`Gunnar from accounting, the intern, my boss, the caretaker, the person who microwaves fish, our receptionist, {person}'s boss`,
  },
  posts: {
    good: lines`
      Handed in {*task}. Closed the laptop. Heard birds.
      New job starts on {weekday}! {*job}. First-day outfit has been discussed with three people and a cat.
      {colleague} retired today after {31-44} years. Speech in full: "It was all right." Everybody wept.
      A patient came back just to say thank you. {Eleven|Nine|Twelve} hours on my feet and I walked home on air.
      {*meeting} was cancelled. I have never felt so rich.
      {friend} got the job! I have known it since before they did!
      Somebody left a plant on my desk with a note: "you looked like you needed somebody who listens".
    `,
    bad: lines`
      {*meeting} could have been an email. The email could have been silence.
      "{Reply all|Mute yourself|Unmute yourself}." A tragedy in {three|five|eleven} acts.
      The printer says "PC load letter". I say goodbye.
      Heard {phrase} {six|nine|fourteen} times before lunch. I had been warned about {*job}.
      {task}, again, because somebody saved over it. Somebody was me.
      {colleague} ate my lunch. It had my name on it. It had a drawing of my face on it.
    `,
    ask: lines`
      How do you politely answer {*phrase} at 17:58?
      Is four days a week worth the pay cut? Tell me honestly, I have the form in front of me.
      What do you say when {colleague} asks whether you have "five minutes"?
      First time leading {meeting}. How do I not die?
      Changing careers at {39-52}, from {*job} to something with my hands. Who has done it?
      Best leaving present for {colleague}, budget of about {20-45}, must fit on a bicycle?
    `,
    note: lines`
      Words heard in {*meeting}: {phrase}. Words meant: no.
      {colleague} has a calendar entry called "stare out of window". It repeats weekly. It is never cancelled.
      My to-do list has an item "make to-do list", so that I can cross out at least one.
      Work, day {two|three|four} of the heatwave: we have stopped pretending about shoes.
      The office plant is {eleven|sixteen|nineteen} years old. It has survived four directors and one flood. It knows things.
      A thing I learnt at {*job}: people will tell you almost anything if you ask them where they were born.
      I write the night reports by hand, because the system goes down at three for "maintenance". Somebody, years ago, started adding one line about the sky at the end. So we all do it. Tonight: "clear, cold, one satellite. Bed {4-19} slept well."
    `,
  },
  comments: {
    good: lines`
      [on air] Go to sleep. You did good today.
      [birds] The birds were there all along, waiting for the report.
      [wept] Thirty years and one sentence. Perfect speech.
      [new job|got the job|handed|retired] Congratulations! 🎉
      [new job|got the job|thank you|plant] They are lucky to have you.
      [all right] "It was all right." Legend.
      [cancelled] A cancelled meeting is a small holiday.
      [handed|closed] Well deserved, now log off.
      [new job|got the job] So happy for you!! Drinks on {weekday}?
      [outfit] What did the cat say about the outfit?
      [plant] The plant is a keeper, and so is whoever left it.
    `,
    bad: lines`
      [saved over] Somebody is always me.
      [three acts|five acts|eleven acts] I was in the chorus.
      [silence] I would attend that silence.
      [drawing] A drawing of your face?! Monsters.
      [per my last|reply all|heard] Per my last comment: same.
      [heard|could have] Let's circle back to this never.
      [printer] Printers can smell fear.
      [heard|could have|ate my|again] Take the whole hour for lunch tomorrow. Somewhere else.
      [heard|again|could have|printer|mute] Hang in there, it's nearly {Friday|the weekend}.
    `,
    ask: lines`
      [17:58] You never saw it. It arrived at nine tomorrow.
      [my hands] The hands know. Do it.
      [how do i not die] Nobody has died in one yet. Slept, yes.
      [bicycle] A very small trophy.
      [four days] Four days. I did it two years ago and would not go back.
      [17:58] "Happy to look at it tomorrow morning!" and close the lid.
      [changing careers] I went from insurance to carpentry at {44-55}. Poor, dusty, delighted.
      [five minutes] Five minutes are never five minutes. Stand up when they come in.
      [leading] Start on time, end early, they will carry you on their shoulders.
      [leaving present] A good knife. Everyone wants a good knife and nobody buys one.
      [four days|changing] Ask for a trial period, then you can decide without drama.
    `,
    note: lines`
      [shoes] Shoes are a social construct above thirty degrees.
      [words meant] I'm printing this as a dictionary.
      [born] Then ask what they ate there. You will need a longer break.
      [survived] Make it director.
      [sky] One line about the sky. I'm going to start this tomorrow.
      [calendar] I have that calendar entry too, mine's called "sync".
      [office plant] The plant knows where the bodies of the old projects are.
      [to-do] "Make to-do list" ✅
    `,
    any: lines`
      Log off, friend.
      I read this in a meeting. Worth it.
      My desk says hello.
      Payday soon.
      {person} would frame this and hang it in the lift.
      Somewhere, a manager is nodding.
      Coffee at three?
      Colleagues like you make it bearable.
      [meeting|boss|office|heard|calendar] Which department is this? Wrong answers only.
      [ward|museum|office|bakery|centre|workshop|firm|school|ferry|start-up|archive|flower] I used to work there, some of those stories are still classified.
      My boss follows me here, so: great post, love work.
      [heard|meeting|printer|calendar|desk|deep] Same, but with fewer windows.
      [learnt|heard|meant|calendar|all right] This should be in the onboarding.
      Is it Friday yet?
    `,
  },
  bios: lines`
    Paramedic, off duty
    Beekeeper turned accountant
    Carpenter
    Research by day, sofa by night
    Midwife
    Bus driver, line {3-64}
    Works at {job}
    Nine to five, then everything else
    Formerly {job}, now freelance
    Nurse, nights
    Teacher of small humans
    Opinions mine, meetings theirs
  `,
};
