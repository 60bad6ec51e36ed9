import DataLoader from 'dataloader';

/** Questions in one statement. */
const QUESTIONS_AT_ONCE = 2_000;

/**
 * Puts questions of many subscriptions to one statement: all that come up in one turn of the event loop. Nothing is
 * remembered, so every answer is of the moment in which it was asked.
 */
export function askTogether<Question, Answer>(
  answer: (asked: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  const questions = new DataLoader<Question, Answer>(answer, {
    cache: false,
    maxBatchSize: QUESTIONS_AT_ONCE,
    batchScheduleFn: (ask) => setImmediate(ask),
  });
  return (question) => questions.load(question);
}
