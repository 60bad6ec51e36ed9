import DataLoader from 'dataloader';
import type { Database } from '../../platform/postgres/database';
import type { MessageRow } from './message.entity';
import type { Admission, AdmissionQuestion } from './message.repository';
import * as messages from './message.repository';

/** Questions in one statement. */
const QUESTIONS_AT_ONCE = 2_000;

/**
 * Which viewers may be shown which new messages, right now. The questions of all subscriptions of this process that
 * come up in one turn of the event loop are one statement.
 */
export class MessageAdmissions {
  private readonly questions: DataLoader<AdmissionQuestion, Admission>;

  constructor(database: Database) {
    this.questions = new DataLoader((asked) => messages.findAdmissions(database, asked), {
      cache: false,
      maxBatchSize: QUESTIONS_AT_ONCE,
      batchScheduleFn: (ask) => setImmediate(ask),
    });
  }

  /** Those that the viewer may see; null when the viewer may not see their conversation. */
  async admit(viewerId: string, added: readonly MessageRow[]): Promise<readonly MessageRow[] | null> {
    const answers = await Promise.all(added.map(({ id }) => this.questions.load({ viewerId, messageId: id })));
    if (answers.some((answer) => !answer.conversationIsOpen)) return null;
    return added.filter((_, index) => answers[index]?.isShown);
  }
}
