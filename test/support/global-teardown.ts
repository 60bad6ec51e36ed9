import { report, seconds } from './global-setup';

export default async function globalTeardown(): Promise<void> {
  const stores = globalThis.testStores;
  if (!stores) return;
  await Promise.all([stores.postgres.stop(), stores.redis?.stop()]);
  report(`The whole suite took ${seconds(stores.startedAt)} s.`);
}
