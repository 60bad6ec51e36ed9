import { askTogether } from '../../graphql/questions';
import type { Database } from '../../platform/postgres/database';
import type { MessageRow } from './message.entity';
import type { Admission, AdmissionQuestion } from './message.repository';
import * as messages from './message.repository';

/**
 * Which viewers may be shown which new messages, right now. The questions of all subscriptions of this process that
 * come up in one turn of the event loop are one statement.
 */
export class MessageAdmissions {
  private readonly ask: (question: AdmissionQuestion) => Promise<Admission>;

  constructor(database: Database) {
    this.ask = askTogether((asked) => messages.findAdmissions(database, asked));
  }

  /** Those that the viewer may see; null when the viewer may not see their conversation. */
  async admit(viewerId: string, added: readonly MessageRow[]): Promise<readonly MessageRow[] | null> {
    const answers = await Promise.all(added.map(({ id }) => this.ask({ viewerId, messageId: id })));
    if (answers.some((answer) => !answer.conversationIsOpen)) return null;
    return added.filter((_, index) => answers[index]?.isShown);
  }
}
