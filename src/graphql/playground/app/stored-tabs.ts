/** Where GraphiQL keeps its tabs between visits. */
const TEXTS_WITH_VARIABLES = ['graphiql:tabState', 'graphiql:variables'];
const SAMPLE_POST_KEY = 'portico:samplePostId';

/**
 * Puts the current sample post in the place of the one that this browser's stored tabs name. The development data
 * gets new ids whenever it is seeded anew, and the examples should still run as they stand.
 */
export function updateSamplePost(samplePostId: string | null, storage: Storage = localStorage): void {
  if (samplePostId === null) {
    return;
  }
  const previous = storage.getItem(SAMPLE_POST_KEY);
  if (previous && previous !== samplePostId) {
    for (const key of TEXTS_WITH_VARIABLES) {
      const text = storage.getItem(key);
      if (text) {
        storage.setItem(key, text.replaceAll(previous, samplePostId));
      }
    }
  }
  storage.setItem(SAMPLE_POST_KEY, samplePostId);
}
