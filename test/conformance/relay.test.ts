import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertInterfaceType,
  buildSchema,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isRequiredArgument,
  parse,
  validate,
} from 'graphql';
import { type Compilation, compileRelay } from './relay-compiler';

const SDL = readFileSync(join(__dirname, '../../schema.graphql'), 'utf8');
const APP = join(__dirname, 'relay');

describe('relay-compiler', () => {
  describe('with the documents of an app', () => {
    let compiled: Compilation;

    beforeAll(async () => {
      const files = readdirSync(APP);
      compiled = await compileRelay(
        SDL,
        Object.fromEntries(files.map((name) => [name, readFileSync(join(APP, name), 'utf8')])),
      );
    });

    it('accepts schema.graphql', () => {
      expect(compiled.output).toBe('');
      expect(compiled.accepted).toBe(true);
      expect(compiled.artifacts.size).toBeGreaterThan(20);
    });

    it.each([
      ['Feed_viewer', 'viewer', 'feed'],
      ['Profile_user', 'node', 'posts'],
      ['Thread_post', 'node', 'comments'],
    ])('pages %s by asking %s again for %s', (fragment, root, list) => {
      const reader = compiled.artifacts.get(fragment);
      expect(reader).toMatch(new RegExp(`v0 = \\[\\s+"${list}"\\s+\\]`));
      expect(reader).toMatch(/"direction": "forward",\s+"path": \(v0/);
      expect(reader).toMatch(new RegExp(`"fragmentPathInResult": \\[\\s+"${root}"\\s+\\]`));
    });

    it.each([
      ['ProfileCreatePostMutation', 'prependEdge', 'postEdge'],
      ['FeedDeletePostMutation', 'deleteEdge', 'deletedId'],
      ['PostCardDeleteMutation', 'deleteRecord', 'deletedId'],
      ['ThreadAddCommentMutation', 'appendEdge', 'commentEdge'],
      ['ThreadDeleteCommentMutation', 'deleteRecord', 'deletedId'],
      ['ThreadDeleteCommentMutation', 'deleteEdge', 'deletedId'],
      ['ThreadCommentAddedSubscription', 'appendEdge', 'commentAdded'],
    ])('lets %s keep lists up to date: %s of %s', (operation, handle, field) => {
      const handled = new RegExp(`"handle": "${handle}",\\s+"key": "",\\s+"kind": "\\w+Handle",\\s+"name": "${field}"`);
      expect(compiled.artifacts.get(operation)).toMatch(handled);
    });

    it('makes of them only operations that are valid here', () => {
      const schema = buildSchema(SDL);
      expect([...compiled.operations.keys()]).toEqual(
        expect.arrayContaining(['FeedQuery', 'FeedPaginationQuery', 'ThreadCommentAddedSubscription']),
      );
      for (const [name, text] of compiled.operations) expect([name, validate(schema, parse(text))]).toEqual([name, []]);
    });
  });

  it('accepts every field of every kind of node, and of error, in one document', async () => {
    const { output, artifacts } = await compileRelay(SDL, { 'Everything.ts': everythingBehindInterfaces(SDL) });
    expect(output).toBe('');
    expect([...artifacts.keys()].sort()).toEqual(['EverythingMutation', 'EverythingQuery']);
  });

  describe('refuses, so that its consent means something,', () => {
    it('kinds of node whose fields of one name differ in nullability', async () => {
      const differing = SDL.replace(/(type Comment implements[^}]+ {2}text: String)!/, '$1');
      const { accepted, output } = await compileRelay(differing, { 'Everything.ts': everythingBehindInterfaces(SDL) });
      expect(output).toContain("Field 'text' is ambiguous");
      expect(accepted).toBe(false);
    });

    it.each([
      ['a field that does not exist', 'query AppQuery { viewer { nothing } }', 'no field `nothing`'],
      [
        '@connection on a list that is none',
        'query AppQuery($ids: [ID!]!) { nodes(ids: $ids) @connection(key: "App_nodes") { id } }',
        '@connection',
      ],
      [
        '@refetchable on what has no id',
        'fragment App_counts on UserCounts @refetchable(queryName: "AppRefetchQuery") { posts }',
        '@refetchable',
      ],
      [
        '@appendEdge on what is no edge',
        'mutation AppMutation($i: AddCommentInput!, $c: [ID!]!) { addComment(input: $i) { post @appendEdge(connections: $c) { id } } }',
        '@appendEdge',
      ],
      [
        '@deleteEdge on what is no id',
        'mutation AppMutation($i: DeleteNodeInput!, $c: [ID!]!) { deleteNode(input: $i) { replayed @deleteEdge(connections: $c) } }',
        '@deleteEdge',
      ],
    ])('%s', async (_what, document, complaint) => {
      const { accepted, output } = await compileRelay(SDL, { 'App.ts': `graphql\`${document}\`;` });
      expect(output).toContain(complaint);
      expect(accepted).toBe(false);
    });
  });
});

/** An app's source that asks for every plain field of every kind of node and of error. */
function everythingBehindInterfaces(sdl: string): string {
  const schema = buildSchema(sdl);
  const node = `query EverythingQuery($id: ID!) { node(id: $id) { ${everyKindOf(schema, 'Node')} } }`;
  const errors = `userErrors { ${everyKindOf(schema, 'UserError')} }`;
  const refusal = `mutation EverythingMutation($input: DeleteNodeInput!) { deleteNode(input: $input) { ${errors} } }`;
  return [node, refusal].map((document) => `graphql\`${document}\`;`).join('\n');
}

function everyKindOf(schema: GraphQLSchema, face: string): string {
  const kinds = schema.getPossibleTypes(assertInterfaceType(schema.getType(face))).map((kind) => {
    const fields = Object.values(kind.getFields()).filter((field) => !field.args.some(isRequiredArgument));
    const selections = fields.map((field) =>
      isLeafType(getNamedType(field.type)) ? field.name : `${field.name} { __typename }`,
    );
    return `... on ${kind.name} { ${selections.join(' ')} }`;
  });
  return kinds.join(' ');
}
