/** A person every world has, at the same handle, so that a visitor of the demo meets somebody worth being. */
export interface CastMember {
  readonly handle: string;
  readonly name: string;
  readonly bio: string;
  /** Names of topics. */
  readonly interests: readonly [string, string, string];
  readonly ageDays: number;
  readonly private: boolean;
  /** Popularity and activity as multiples of the highest and the mean of everybody else. */
  readonly popularity: number;
  readonly activity: number;
  /** Out of all others, the part this person tries to follow. */
  readonly follows: number;
  /** Takes no part in anything yet. */
  readonly aloof: boolean;
  /** Share of posts for followers and for nobody; the usual mix when absent. */
  readonly audiences?: { readonly followers: number; readonly private: number };
  readonly note: string;
}

/** Positions in CAST. */
export const ADA = 0;
export const THEO = 1;
export const NOOR = 2;
export const IVO = 3;
export const JUNE = 4;
export const MEI = 5;

/** The demo's accounts; who they are to each other is arranged in relations.ts. */
export const CAST: readonly CastMember[] = [
  {
    handle: 'ada',
    name: 'Ada Lindqvist',
    bio: 'Bicycles, paperbacks, buns. Malmö, mostly by the water.',
    interests: ['cycling', 'books', 'baking'],
    ageDays: 640,
    private: false,
    popularity: 0.35,
    activity: 4,
    follows: 0.5,
    aloof: false,
    note: 'Follows many people: the liveliest home feed. Start here.',
  },
  {
    handle: 'theo',
    name: 'Theo Marchetti',
    bio: 'Photographs of ordinary corners. One lens, comfortable shoes. Prints now and then.',
    interests: ['photography', 'travel', 'coffee'],
    ageDays: 980,
    private: false,
    popularity: 1.6,
    activity: 5,
    follows: 0.15,
    aloof: false,
    note: 'The most followed account: busy posts, long comment threads.',
  },
  {
    handle: 'noor',
    name: 'Noor Haddad',
    bio: 'Friends and family only. If I know you, knock.',
    interests: ['gardening', 'cats', 'parenting'],
    ageDays: 420,
    private: true,
    popularity: 0.3,
    activity: 2,
    follows: 0.12,
    aloof: false,
    note: 'A private account with follow requests waiting for an answer.',
  },
  {
    handle: 'ivo',
    name: 'Ivo Petrov',
    bio: 'Strong opinions about timetables. Chess, slowly.',
    interests: ['trains', 'games', 'local news'],
    ageDays: 300,
    private: false,
    popularity: 0.12,
    activity: 2.5,
    follows: 0.2,
    aloof: false,
    note: 'Has blocked ada: neither of the two sees anything of the other.',
  },
  {
    handle: 'june',
    name: 'June Okafor',
    bio: 'Just arrived.',
    interests: ['music', 'films', 'small talk'],
    ageDays: 1,
    private: false,
    popularity: 0,
    activity: 0,
    follows: 0,
    aloof: true,
    note: 'Joined yesterday, follows nobody, has written nothing: every empty screen.',
  },
  {
    handle: 'mei',
    name: 'Mei Tanaka',
    bio: 'Cold water, warm hat. Night nurse. Most of this is for people I know.',
    interests: ['swimming and hills', 'work', 'cooking'],
    ageDays: 510,
    private: false,
    popularity: 0.25,
    activity: 3,
    follows: 0.2,
    aloof: false,
    audiences: { followers: 0.6, private: 0.15 },
    note: 'Writes mostly for followers, and some posts for nobody but herself.',
  },
];
