import DataLoader from 'dataloader';
import type { MaybeViewer } from '../../kernel/viewer';
import type { Database } from '../../platform/postgres/database';
import type { CommentRow } from './comment.entity';
import type { Admission, AdmissionQuestion } from './comment.repository';
import * as comments from './comment.repository';

/** Questions in one statement. */
const QUESTIONS_AT_ONCE = 2_000;

/**
 * Which viewers may be shown which new comments, right now. The questions of all subscriptions of this process that
 * come up in one turn of the event loop are one statement.
 */
export class Admissions {
  private readonly questions: DataLoader<AdmissionQuestion, Admission>;
  /** Rows are held by the subscriptions that have yet to deliver them. */
  private readonly public = new WeakMap<CommentRow, Promise<boolean>>();

  constructor(database: Database) {
    this.questions = new DataLoader((asked) => comments.findAdmissions(database, asked), {
      cache: false,
      maxBatchSize: QUESTIONS_AT_ONCE,
      batchScheduleFn: (ask) => setImmediate(ask),
    });
  }

  /** Those that the viewer may see; null when the viewer may not see their post. */
  async admit(viewer: MaybeViewer, added: readonly CommentRow[]): Promise<readonly CommentRow[] | null> {
    const viewerId = viewer?.userId ?? null;
    const answers = await Promise.all(added.map(({ id }) => this.questions.load({ viewerId, commentId: id })));
    if (answers.some((answer) => !answer.postIsOpen)) return null;
    return added.filter((_, index) => answers[index]?.isShown);
  }

  /** Whether anybody may see it. */
  isPublic(comment: CommentRow): Promise<boolean> {
    let answer = this.public.get(comment);
    if (!answer) {
      answer = this.questions
        .load({ viewerId: null, commentId: comment.id })
        .then(({ postIsOpen, isShown }) => postIsOpen && isShown);
      this.public.set(comment, answer);
      answer.catch(() => this.public.delete(comment));
    }
    return answer;
  }
}
