import 'reflect-metadata';
import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import { wantsInfo } from '../../src/graphql/direct-resolvers';
import { buildPorticoSchema } from '../../src/graphql/schema';

@Resolver()
class Secrets {
  @Query(() => String)
  open(): string {
    return 'for all';
  }

  @Authorized()
  @Query(() => String)
  secret(@Ctx() _context: object): string {
    return 'for members';
  }
}

it('a resolver behind a guard is not called past it', async () => {
  const fields = buildPorticoSchema([new Secrets()], {}).getQueryType()?.getFields() ?? {};
  const ask = async (name: string, context: object) => fields[name]?.resolve?.({}, {}, context, undefined as never);
  expect(wantsInfo(fields['open']?.resolve as object)).toBe(false);
  expect(await ask('open', { viewer: null })).toBe('for all');
  expect(await ask('secret', { viewer: {} })).toBe('for members');
  await expect(ask('secret', { viewer: null })).rejects.toThrow('Sign in first');
});
