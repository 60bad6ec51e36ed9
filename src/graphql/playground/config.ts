/** An account of the seeded development data that the playground offers under "Sign in as". */
export interface DemoAccount {
  handle: string;
  name: string;
  /** One line on why to choose this account, such as "private account" or "blocked by ada". */
  note: string;
}

/** What the page asks for at `GET <path>/config.json` before it draws anything. */
export interface PlaygroundConfig {
  /** Path of the GraphQL endpoint on this origin. */
  endpoint: string;
  /** Path of the graphql-transport-ws endpoint on this origin. */
  subscriptionUrl: string;
  /** A post that exists, for the example operations; null leaves their variables to be filled in. */
  samplePostId: string | null;
  /** Empty outside development, which hides the "Sign in as" control. */
  demoAccounts: DemoAccount[];
  /** The password that all demo accounts share; null hides the "Sign in as" control too. */
  demoPassword: string | null;
}
