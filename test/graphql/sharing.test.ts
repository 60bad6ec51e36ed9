import { isObjectType } from 'graphql';
import { isSameForAll } from '../../src/graphql/sharing';
import { composeSchema } from '../support/bare-schema';

/** Whoever adds to this list says that nobody may learn anything from the value that others may not. */
const SAME_FOR_EVERYBODY = {
  Comment: ['author', 'createdAt', 'id', 'text', 'updatedAt', 'version'],
  // The numbers of a viewer from whom somebody is hidden are another event than those of the others.
  PostEngagement: ['commentCount', 'likeCount', 'postId'],
  Subscription: ['commentAdded', 'postEngagement'],
  // `counts` stands for what is in it, and nothing in it is the same for everybody.
  User: ['bio', 'counts', 'createdAt', 'handle', 'id', 'name', 'private', 'updatedAt', 'version'],
};

it('takes only fields for the same for everybody that are known not to depend on the viewer', async () => {
  const schema = await composeSchema();
  const found: Record<string, string[]> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.endsWith('Edge')) continue;
    const fields = Object.values(type.getFields()).filter((field) => isSameForAll(type, field));
    if (fields.length > 0) found[type.name] = fields.map((field) => field.name).sort();
  }
  expect(found).toEqual(SAME_FOR_EVERYBODY);
});
