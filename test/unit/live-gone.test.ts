import 'reflect-metadata';
import { buildSchema, GraphQLError, parse } from 'graphql';
import type { RequestContext } from '../../src/graphql/context';
import { EventGone, LiveStream } from '../../src/graphql/live';
import { CommentResolver } from '../../src/modules/comments/comment.resolver';

describe('an event that becomes nothing to be shown while it is delivered', () => {
  it('is passed over, and those around it are delivered', async () => {
    const events = [{ name: 'first' }, { name: 'gone' }, { name: 'last' }];
    const pages = [events, null];
    const stream = new LiveStream(
      {
        next: async () => pages.shift() ?? null,
        close: () => {},
        cursorOf: (event) => (event as { name: string }).name,
      },
      {
        args: { schema: buildSchema('type Query { name: String! }'), document: parse('{ name }') },
        viewer: null,
        openContext: () => ({}) as RequestContext,
        shared: null,
        present: ({ data }) => {
          if (data?.['name'] === 'gone') throw new EventGone();
          return JSON.stringify(data);
        },
        onFault: (error) => {
          throw error;
        },
      },
    );
    const frames = [await stream.next(), await stream.next(), await stream.next()];
    expect(frames.map((frame) => frame && [frame.id(), frame.payload])).toEqual([
      ['first', '{"name":"first"}'],
      ['last', '{"name":"last"}'],
      null,
    ]);
  });

  it('is a comment that was deleted after its stream admitted it', async () => {
    const resolver = new CommentResolver({} as never, {} as never, {} as never);
    const context = { loaders: { load: async () => null } } as unknown as RequestContext;
    await expect(resolver.commentAdded({ id: 'a' } as never, context, 'post')).rejects.toBeInstanceOf(EventGone);
    expect(new EventGone()).not.toBeInstanceOf(GraphQLError);
  });
});
