import { lines, type Topic, words } from './topic';

export const photography: Topic = {
  name: 'photography',
  emoji: ['📷', '📸', '🎞️', '🌅', '✨'],
  words: {
    camera: words`my dad's old Olympus, a plastic toy camera, the Pentax, a Rolleiflex from the flea market,
      an ancient digital compact, the little Ricoh, a Zenit the weight of a brick, just my phone`,
    lens: words`a 35mm, a 50mm, an old 135mm, a 28mm, the kit lens, a 40mm pancake`,
    film: words`HP5, Portra 400, Tri-X, expired slide film, Gold 200, Ektachrome, Foma 100, a roll of Superia from 2009`,
    scene: words`the harbour at first light, the fish market, my grandmother's hands, the empty swimming pool,
      laundry between two houses, the night bus, the tram depot in fog, an old barber at work, the last kiosk on our street,
      shadows in the stairwell, pigeons over the square, the fairground after closing`,
    shotcount: words`one, two, maybe three`,
  },
  posts: {
    good: lines`
      Shot a whole roll of {film} on {*scene}. {shotcount} frames I like. That is a good roll.
      Woke up at {4-5} for {*scene}. Worth every yawn.
      Got the negatives back. {*scene}, shot on {camera}, and I would not change a thing.
      {lens} and nothing else for a month. My back is happier and so are my pictures.
      Sold two prints at the neighbourhood market! One to {person}, but the other to an actual stranger.
      Today's light. That's it, that's the post.
      {friend} lent me {camera} for the weekend. I am going to have to move to another country so that I don't have to give it back.
      Waited {twenty|forty|fifty} minutes for somebody in a red coat to walk into {*scene}. Then somebody in a red coat did.
    `,
    bad: lines`
      Thirty-six exposures of {*scene}. The film was never loaded properly. Thirty-six.
      Light leak in {camera}. Or a very consistent ghost.
      Left the lens cap on for {*scene}. I have been doing this for {eleven|nine|fourteen} years.
      The lab lost my {film}. They have offered me a voucher for the memories.
      Film prices went up again. From now on I photograph only in my mind.
      Memory card says "error". I say other things.
    `,
    ask: lines`
      Which {lens} would you take for two weeks of travelling light?
      Does anyone still develop {*film} at home? How do you keep the temperature stable?
      Black and white or colour for {*scene}? I have stared at both for an hour.
      How do you ask strangers for a portrait without dying of shyness?
      Where do you print? I want real paper, no gloss, and not to sell a kidney.
      First film camera for a {ten|twelve|fourteen}-year-old: {camera}, or something with autofocus?
    `,
    note: lines`
      {*scene}. {camera}, {film}.
      Rule I try to follow: take the picture, then look at the thing itself for a minute, without the camera.
      Best camera upgrade of the year: comfortable shoes.
      Sorting {twelve|nine|twenty} thousand photos. So far I have deleted four.
      My favourite picture of {*scene} is slightly out of focus, and I have stopped apologising for that.
      Project for the coming weeks: the same corner, same hour, every day, with {lens}. I expect to be bored by day four and grateful by day thirty.
      Found a box of negatives in my grandparents' attic. {*scene}, sometime in the sixties, by somebody who clearly knew what they were doing. Nobody in the family can say who it was. I have been scanning for three evenings and I can't stop.
    `,
  },
  comments: {
    good: lines`
      [back is happier] One lens is freedom. My bag disagrees.
      [sold] A stranger! You are a professional now.
      [that's the post] I looked out of the window because of you. You were right.
      [lent me] That camera is coming home with me next.
      [red coat] I own a red coat. I'm available on {weekday}s.
      [roll] One good frame a roll and I'm happy.
      What a frame.
      [light|yawn|shot|negatives] The light! 😍
      [shot|woke|waited|negatives] Never seen {subject} look this good.
      [prints|shot|negatives|waited|yawn] I would hang this on my wall. Do you sell prints?
      [negatives|roll] That tonal range, wow.
      [shot|waited|woke] You always find the quiet moment.
      [waited|woke] The patience paid off.
      [roll|negatives] Which film is this? The greens are lovely.
    `,
    bad: lines`
      [voucher] A voucher! For the memories! I'd frame it.
      [film prices] I now say "click" and walk on.
      [thirty-six] Thirty-six is a painful number.
      [never loaded|lens cap|card] Every photographer has this story. Welcome to the club, there are biscuits.
      [never loaded|lens cap] I once shot a whole wedding rehearsal at the wrong ISO. You will live.
      [light leak] Foam seals, probably. Ten minutes and a cotton bud.
      [memory card] Try a recovery tool before you write anything new to the card.
      [light leak|lens cap] Call it abstract and raise the price.
      [never loaded|lost my|card] My heart sank for you.
    `,
    ask: lines`
      [autofocus] Whatever you'd be brave enough to drop.
      [shyness] Ask about their dog first. It's always about the dog.
      [which .* would you take] 35mm, always. You can walk closer, you can't walk wider.
      [black and white] Black and white. The colour only distracts here.
      [black and white] Colour! The whole picture is in that one bit of red.
      [develop] A water bath in the kitchen sink. Low tech and it works.
      [strangers] I say what I like about them first. Nobody has ever said no to that.
      [first film camera] Something simple with a light meter. The rest they learn in a week.
      [print] There is a tiny lab near the station, they do matte paper and they are kind.
      [travelling light] Take the smaller one. The best lens is the one you are not tired of carrying.
    `,
    note: lines`
      [attic] Please, please show us.
      [out of focus] Sharpness is overrated. Somebody famous said it, more or less.
      [same corner] Following this. Which corner?
      [shoes] Comfortable shoes, so true.
      [deleted] Four whole photos! Ruthless.
      [attic|project|same corner] Please post more of these.
      [rule] The second half of that rule is the part I forget.
    `,
    any: lines`
      You have such an eye.
      I learn something every time you post.
      Slow photography for fast times.
      My phone could never.
      How long have you been doing this?
      {person} has the same camera and keeps it in a drawer. A crime.
      [harbour|market|pool|bus|depot|kiosk|stairwell|square|houses|fairground] I walk past there every day and see nothing. You saw this.
      [shot|light|roll] What were the settings?
      [lens|35mm|50mm|28mm|135mm] Is it a crop or full frame?
      Makes me want to dust off my own camera.
      [harbour|market|depot|kiosk|houses|square|fairground] Reminds me of {city}.
      [shot|negatives|waited|focus] I could look at this for a long time.
    `,
  },
  bios: lines`
    Contact sheets and cold fingers
    I like shadows
    Still life, real life
    Looks up at buildings, walks into lamp posts
    Mostly film, mostly grey days
    Photographs of ordinary corners
    {35|50}mm and patience
    Street and landscape, {city}
    Chasing light, missing buses
  `,
};
