import { encodeId, newId } from '../../src/kernel/ids';
import type { Person, TestApp } from './app';
import { comment, publish, relate } from './verbs';

export type Who = 'ada' | 'fan' | 'cyd' | 'vip';

/** Ada wrote `hello` and `diary`, which is private; Fan follows her; Cyd, a stranger, wrote `note` under `hello`. */
export interface Cast extends Record<Who, Person> {
  readonly hello: string;
  readonly diary: string;
  readonly note: string;
  /** By the private account Vip. */
  readonly secret: string;
  /** Ids for what is made in the test. */
  readonly freshPost: string;
  readonly freshComment: string;
}

let casts = 0;

export async function makeCast(app: TestApp): Promise<Cast> {
  casts += 1;
  const [ada, fan, cyd, vip] = await Promise.all([
    app.person(`ada${casts}`),
    app.person(`fan${casts}`),
    app.person(`cyd${casts}`),
    app.person(`vip${casts}`, { private: true }),
  ]);
  await relate(app, fan, ada, { following: true });
  const [hello, diary, secret] = await Promise.all([
    publish(app, ada),
    publish(app, ada, 'Dear diary', { audience: 'PRIVATE' }),
    publish(app, vip),
  ]);
  const { id: note } = await comment(app, cyd, hello);
  const fresh = { freshPost: encodeId('post', newId()), freshComment: encodeId('comment', newId()) };
  return { ada, fan, cyd, vip, hello, diary, note, secret, ...fresh };
}
