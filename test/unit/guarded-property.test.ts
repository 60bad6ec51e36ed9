import 'reflect-metadata';
import { graphql } from 'graphql';
import { Authorized, Field, ObjectType, Query, Resolver, UseMiddleware } from 'type-graphql';
import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { buildPorticoSchema } from '../../src/graphql/schema';
import { NO_DATABASE } from '../support/bare-schema';

@ObjectType()
class Drawer {
  @Field(() => String, { nullable: true })
  label!: string;

  @Authorized()
  @Field(() => String, { nullable: true })
  key!: string;

  @UseMiddleware(async (_action, next) => `${await next()}, watched`)
  @Field(() => String, { nullable: true })
  content!: string;
}

@Resolver()
class DrawerResolver {
  @Query(() => Drawer)
  drawer(): Drawer {
    return { label: 'letters', key: 'under the mat', content: 'a letter' };
  }
}

describe('a field that only reads a property', () => {
  const schema = buildPorticoSchema([new DrawerResolver()], {});

  it('has no resolver of its own', () => {
    expect(schema.getType('Drawer')).toHaveProperty('_fields.label.resolve', undefined);
  });

  it('keeps what guards it', async () => {
    const contextValue = new RequestContext(NO_DATABASE, nobody('request'));
    const { data, errors } = await graphql({ schema, source: '{ drawer { label key content } }', contextValue });
    expect(data).toEqual({ drawer: { label: 'letters', key: null, content: 'a letter, watched' } });
    expect(errors?.map(({ path }) => path)).toEqual([['drawer', 'key']]);
  });
});
