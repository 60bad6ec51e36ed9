import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Api } from './api';
import type { MakePeople, Person } from './person';

/** A post under which everybody writes. */
export interface Room {
  readonly id: string;
  readonly host: Person;
  /** Cursor of its first comment, behind which every client begins. */
  readonly start: string;
}

export interface Conversation {
  readonly id: string;
  readonly members: readonly Person[];
  readonly start: string;
}

/** What a run begins with. */
export interface World {
  readonly writers: readonly Person[];
  /** Writers whom readers block now and then. */
  readonly trolls: readonly Person[];
  readonly readers: readonly Person[];
  readonly rooms: readonly Room[];
  /** Empty when this build has no messages. */
  readonly conversations: readonly Conversation[];
  /** Whether this build has `Viewer.sync` and `Subscription.stream`. */
  readonly hasStream: boolean;
}

const SCHEMA_FILE = path.join(__dirname, '..', '..', '..', 'schema.graphql');
const WRITERS = 24;
const TROLLS = 2;
const READERS = 18;
const ROOMS = 6;
const CONVERSATIONS = 6;
const READERS_IN = 4;

/** The name under which the posts of a person are a list. */
export function wallOf(userId: string): string {
  return `posts of ${userId}`;
}

/** Makes the people, and what they write under, through the API. */
export async function createWorld(makePeople: MakePeople, api: Api): Promise<World> {
  const [hosts, writers, readers] = [
    await makePeople('host', ROOMS),
    await makePeople('writer', WRITERS),
    await makePeople('reader', READERS),
  ];
  const schema = readFileSync(SCHEMA_FILE, 'utf8');
  const rooms = await Promise.all(hosts.map((host) => createRoom(host, api)));
  const conversations = /\bmessageAdded\(/.test(schema)
    ? await Promise.all(
        Array.from({ length: CONVERSATIONS }, (_, which) => createConversation(which, readers, writers, api)),
      )
    : [];
  const hasStream = /\bstream\(/.test(schema) && /\bsync\(/.test(schema);
  return { writers, trolls: writers.slice(0, TROLLS), readers, rooms, conversations, hasStream };
}

async function createRoom(host: Person, api: Api): Promise<Room> {
  const created = await api.insist(
    host,
    'mutation { createPost(input: { text: "A room", clientMutationId: "room" }) { postEdge { node { id } } } }',
    {},
  );
  const { id } = created.createPost.postEdge.node;
  const opened = await api.insist(
    host,
    `mutation ($post: ID!) {
      addComment(input: { postId: $post, text: "Welcome", clientMutationId: "open" }) { commentEdge { cursor } }
    }`,
    { post: id },
  );
  return { id, host, start: opened.addComment.commentEdge.cursor };
}

/** Two writers and some readers; nobody in it is ever blocked by anybody. */
async function createConversation(
  which: number,
  readers: readonly Person[],
  writers: readonly Person[],
  api: Api,
): Promise<Conversation> {
  const steady = writers.slice(TROLLS);
  const chosen = new Set([
    steady[which % steady.length] as Person,
    steady[(which + CONVERSATIONS) % steady.length] as Person,
  ]);
  for (let n = 0; n < READERS_IN; n += 1) chosen.add(readers[(which * READERS_IN + n) % readers.length] as Person);
  const members = [...chosen];
  const starter = members[0] as Person;
  const started = await api.insist(
    starter,
    `mutation ($ids: [ID!]!) {
      startConversation(input: { participantIds: $ids, title: "A talk", clientMutationId: "talk-${which}" }) {
        conversation { id }
      }
    }`,
    { ids: members.slice(1).map(({ id }) => id) },
  );
  const { id } = started.startConversation.conversation;
  const sent = await api.insist(
    starter,
    `mutation ($id: ID!) {
      sendMessage(input: { conversationId: $id, text: "Hello", clientMutationId: "hello-${which}" }) {
        messageEdge { cursor }
      }
    }`,
    { id },
  );
  return { id, members, start: sent.sendMessage.messageEdge.cursor };
}
