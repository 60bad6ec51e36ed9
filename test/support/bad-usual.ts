import { listValue, plainValue, textValue, type Value } from './sent-value';

/** Things that are there, for the arguments beside the bad one. */
export interface Samples {
  /** Visible to whoever asks; the first is the one that ways lead through. */
  readonly posts: readonly string[];
  readonly comments: readonly string[];
  readonly users: readonly string[];
  readonly handle: string;
  /** Groups of whoever asks; the first is the one that the messages stand in. */
  readonly conversations: readonly string[];
  readonly messages: readonly string[];
  /** Groups that nobody misses. */
  readonly farewells: readonly string[];
  /** Other sessions of whoever asks. */
  readonly sessions: readonly string[];
}

export type Usual = (samples: Samples, pick: number) => Value;

const aPost: Usual = ({ posts }, pick) => textValue(oneOf(posts, pick));
const aComment: Usual = ({ comments }, pick) => textValue(oneOf(comments, pick));
const aUser: Usual = ({ users }, pick) => textValue(oneOf(users, pick));
const aMessage: Usual = ({ messages }, pick) => textValue(oneOf(messages, pick));
const aConversation: Usual = ({ conversations }, pick) => textValue(oneOf(conversations, pick));
const theConversation: Usual = ({ conversations }) => textValue(oneOf(conversations, 0));
const someText: Usual = () => textValue('Good morning');
/** Well made, of nobody: what is asked for cannot be answered without an authenticator. */
const aResponse: Usual = () => textValue('{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{}}');
const aPasskey: Usual = () => textValue('passkey_01h455vb4pex5vsknk084sn02q');
const yes: Usual = () => plainValue('true');
/** What an app sends in each place that must be given, and in those without which nothing would happen. */
export const USUAL: Readonly<Record<string, Usual>> = {
  'Query.node(id:)': ({ posts }) => textValue(oneOf(posts, 0)),
  'Query.nodes(ids:)': ({ posts, users }) => listValue([textValue(oneOf(posts, 0)), textValue(oneOf(users, 0))]),
  'Query.post(id:)': ({ posts }) => textValue(oneOf(posts, 0)),
  'Query.user(id:)': ({ users }) => textValue(oneOf(users, 0)),
  'Query.userByHandle(handle:)': ({ handle }) => textValue(handle),
  // The way to messages leads through the list, and the length of both counts.
  'Viewer.conversations(first:)': () => plainValue('2'),
  'Subscription.commentAdded(postId:)': ({ posts }) => textValue(oneOf(posts, 0)),
  'Subscription.messageAdded(conversationId:)': theConversation,
  'Subscription.typing(conversationId:)': theConversation,
  'AddCommentInput.postId': aPost,
  'AddCommentInput.text': someText,
  'AddParticipantsInput.conversationId': aConversation,
  'AddParticipantsInput.userIds': ({ users }) => listValue([textValue(oneOf(users, 0))]),
  'AnswerMessageRequestInput.accept': yes,
  'AnswerMessageRequestInput.conversationId': aConversation,
  'AnswerFollowRequestInput.accept': yes,
  'AnswerFollowRequestInput.userId': aUser,
  'ChangeEmailInput.email': (_, pick) => textValue(`person${pick}@example.com`),
  'ChangePasswordInput.currentPassword': () => textValue('not the password'),
  'ChangePasswordInput.newPassword': () => textValue('correct horse battery'),
  'BeginPasskeySignUpInput.handle': (_, pick) => textValue(`keyed_${pick}`),
  'BeginPasskeySignUpInput.name': () => textValue('Person'),
  'CreatePostInput.text': someText,
  'DeleteAccountInput.confirmHandle': ({ handle }) => textValue(handle),
  'DeleteNodeInput.id': aComment,
  'LinkIdentityInput.idToken': () => textValue('no token'),
  'FinishPasskeyConfirmationInput.response': aResponse,
  'FinishPasskeyRegistrationInput.response': aResponse,
  'FinishPasskeySignInInput.response': aResponse,
  'FinishPasskeySignUpInput.response': aResponse,
  'LeaveConversationInput.conversationId': ({ farewells }, pick) => textValue(oneOf(farewells, pick)),
  'MarkReadInput.conversationId': theConversation,
  'MarkReadInput.upToMessageId': aMessage,
  'RequestPasswordResetInput.email': (_, pick) => textValue(`person${pick}@example.com`),
  'ResetPasswordInput.newPassword': () => textValue('correct horse battery'),
  'ResetPasswordInput.token': () => textValue('x'.repeat(43)),
  'RemovePasskeyInput.passkeyId': aPasskey,
  'RenamePasskeyInput.name': () => textValue('Blue phone'),
  'RenamePasskeyInput.passkeyId': aPasskey,
  'RegisterDeviceInput.appVersion': () => textValue('1.0'),
  'RegisterDeviceInput.platform': () => ({ json: '"IOS"', literal: 'IOS' }),
  'RevokeSessionInput.sessionId': ({ sessions }, pick) => textValue(oneOf(sessions, pick)),
  'SendMessageInput.conversationId': aConversation,
  'SendMessageInput.text': someText,
  'SetPostLikedInput.liked': yes,
  'SetPostLikedInput.postId': aPost,
  'SetRelationshipInput.following': (_, pick) => plainValue(String(pick % 2 === 0)),
  'SetRelationshipInput.userId': aUser,
  'SetTypingInput.conversationId': aConversation,
  'SignInInput.login': ({ handle }) => textValue(handle),
  'SignInWithIdTokenInput.idToken': () => textValue('no token'),
  'ConfirmIdentityInput.password': () => textValue('not the password'),
  'SignInInput.password': () => textValue('not the password'),
  'SignUpInput.email': (_, pick) => textValue(`person${pick}@example.com`),
  'SignUpInput.handle': (_, pick) => textValue(`person_${pick}`),
  'SignUpInput.name': () => textValue('Person'),
  'SignUpInput.password': () => textValue('correct horse battery'),
  'StartConversationInput.participantIds': ({ users }) => listValue(users.slice(0, 2).map(textValue)),
  'UnlinkIdentityInput.id': () => textValue('identity_01h455vb4pex5vsknk084sn02q'),
  'UpdateConversationInput.conversationId': aConversation,
  'UpdateConversationInput.muted': yes,
  'UpdateMessageInput.id': aMessage,
  'UpdateMessageInput.text': someText,
  'UpdateCommentInput.id': aComment,
  'UpdateCommentInput.text': someText,
  'UpdatePostInput.id': aPost,
  'UpdatePostInput.text': someText,
  'VerifyEmailInput.token': () => textValue('x'.repeat(43)),
};

/** For requests that are refused before anything is looked up. */
export const NOBODYS: Samples = {
  posts: ['post_01h455vb4pex5vsknk084sn02q'],
  comments: ['comment_01h455vb4pex5vsknk084sn02q'],
  users: ['user_01h455vb4pex5vsknk084sn02q'],
  handle: 'nobody',
  conversations: ['conversation_01h455vb4pex5vsknk084sn02q'],
  messages: ['message_01h455vb4pex5vsknk084sn02q'],
  farewells: ['conversation_01h455vb4pex5vsknk084sn02q'],
  sessions: ['session_01h455vb4pex5vsknk084sn02q'],
};

export function oneOf(items: readonly string[], pick: number): string {
  return items[pick % items.length] ?? '';
}
