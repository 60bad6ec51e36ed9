/** Spaces around a text are no part of it; what cannot be shown is refused. */
const isText = (min: number, max: number) => (text: string) => {
  const length = [...text.trim()].length;
  return length >= min && length <= max && !/(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.test(text.trim());
};
const isKey = (text: string) => /^[!-~]{1,64}$/.test(text);
const isHandle = (text: string) => /^[A-Za-z][A-Za-z0-9_]{2,29}$/.test(text);
const isPassword = (text: string) => /^.{8,128}$/su.test(text.normalize('NFKC'));
const [never, always] = [() => false, () => true];

/** Which texts a place may accept at all, by the rules that the schema's descriptions state. */
export const MAY_ACCEPT: Readonly<Record<string, (text: string) => boolean>> = {
  ...Object.fromEntries(['after', 'before', 'id', 'ids', 'postId', 'userId', 'userIds'].map((name) => [name, never])),
  ...Object.fromEntries(
    ['conversationId', 'upToMessageId', 'participantIds', 'passkeyId', 'response'].map((name) => [name, never]),
  ),
  title: isText(1, 100),
  login: never,
  text: isText(1, 5_000),
  name: isText(1, 60),
  bio: isText(0, 300),
  handle: isHandle,
  'Query.userByHandle(handle:)': always,
  email: (text) => text.length <= 254 && /^\S+@\S+$/.test(text.trim()),
  password: isPassword,
  newPassword: isPassword,
  currentPassword: never,
  // Nobody deletes an account without a proof.
  confirmHandle: never,
  'SignInInput.password': never,
  'ChangeEmailInput.password': never,
  ...{ deviceToken: never, token: never, sessionId: never },
  // The usual token is none, and nothing that stands beside it makes it one.
  ...{ idToken: never, issuer: never, nonce: never },
  ...{ appVersion: isText(1, 64), signingKeyJwk: never },
  pushToken: (text) => /^[!-~]{1,2048}$/.test(text),
  clientMutationId: isKey,
  // Any text may be a login that is nobody's.
  'BeginPasskeySignInInput.login': always,
  // Each sign-in is a new one, so its key is not looked at.
  'SignInInput.clientMutationId': always,
  'BeginPasskeySignInInput.clientMutationId': always,
  'RequestPasswordResetInput.clientMutationId': always,
  'BeginPasskeySignUpInput.clientMutationId': always,
  'FinishPasskeyConfirmationInput.clientMutationId': always,
  'FinishPasskeySignInInput.clientMutationId': always,
  'FinishPasskeySignUpInput.clientMutationId': always,
};
