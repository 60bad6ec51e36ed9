import { readSourceTree } from '../support/source-tree';

/** Tables of which copies are kept, as statements and as insertions by the mapping name them. */
const COPIED = ['users', 'posts', 'author_post_counters', 'comment_threads', 'post_like_counters'];
const WRITES = new RegExp(
  `\\b(UPDATE|INSERT INTO|DELETE FROM) (${COPIED.join('|')})\\b|\\b(USERS|POSTS)\\.insert\\(|\\btakeSeq\\(THREAD`,
);

/** The functions of a repository, each with its text. */
function functionsOf(text: string): { name: string; body: string }[] {
  return text.split(/^(?=(?:export )?(?:async )?function )/m).flatMap((body) => {
    const name = /function (\w+)/.exec(body)?.[1];
    return name === undefined ? [] : { name, body };
  });
}

function silentWriters(text: string): string[] {
  return functionsOf(text)
    .filter(({ body }) => WRITES.test(body) && !/\btx\.changed\(/.test(body))
    .map(({ name }) => name);
}

describe('whoever writes a row of which copies are kept', () => {
  const repositories = readSourceTree(['src/modules']).filter((file) => file.path.endsWith('.repository.ts'));

  it('says so to the transaction', () => {
    const findings = repositories.flatMap((file) =>
      silentWriters(file.text).map(
        (name) => `${file.path}: ${name} has to call tx.changed for each row that it writes`,
      ),
    );
    expect(findings).toEqual([]);
    expect(repositories.filter((file) => WRITES.test(file.text)).length).toBeGreaterThanOrEqual(4);
  });

  it('is found out when it does not', () => {
    const silent =
      'export async function forget(tx: Transaction) {\n  await tx.run(sql`UPDATE posts SET text = 1`);\n}\n';
    expect(silentWriters(silent)).toEqual(['forget']);
    expect(silentWriters(silent.replace('}', '  tx.changed(POST_COPIES.name, id);\n}'))).toEqual([]);
  });
});
