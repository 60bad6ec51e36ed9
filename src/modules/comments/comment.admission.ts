import { askTogether } from '../../graphql/questions';
import type { MaybeViewer } from '../../kernel/viewer';
import type { Database } from '../../platform/postgres/database';
import type { CommentRow } from './comment.entity';
import type { Admission, AdmissionQuestion } from './comment.repository';
import * as comments from './comment.repository';

/** How long an answer serves all strangers alike. */
const ANSWER_STALE_MS = 500;

/**
 * Which viewers may be shown which new comments, right now. The questions of all subscriptions of this process that
 * come up in one turn of the event loop are one statement.
 */
export class Admissions {
  private readonly ask: (question: AdmissionQuestion) => Promise<Admission>;
  /** What strangers were answered lately. Rows are held by the subscriptions that have yet to deliver them. */
  private readonly strangers = new WeakMap<CommentRow, { readonly at: number; readonly answer: Promise<Admission> }>();

  /** Comments that were edited after they had been read for following. */
  private readonly edited = new WeakSet<CommentRow>();

  constructor(database: Database) {
    this.ask = askTogether((asked) => comments.findAdmissions(database, asked));
  }

  /** Those that the viewer may see; null when the viewer may not see their post. */
  async admit(viewer: MaybeViewer, added: readonly CommentRow[]): Promise<readonly CommentRow[] | null> {
    const answers = await Promise.all(
      added.map((comment) =>
        viewer ? this.ask({ viewerId: viewer.userId, commentId: comment.id }) : this.askForStranger(comment),
      ),
    );
    if (answers.some((answer) => !answer.postIsOpen)) return null;
    for (const [index, comment] of added.entries()) {
      if (answers[index]?.version !== comment.version) this.edited.add(comment);
    }
    return added.filter((_, index) => answers[index]?.isShown);
  }

  /** Whether anybody may see it. */
  async isPublic(comment: CommentRow): Promise<boolean> {
    const { postIsOpen, isShown } = await this.askForStranger(comment);
    return postIsOpen && isShown;
  }

  /** Whether the row of an admitted comment is still what the comment says. */
  isCurrent(comment: CommentRow): boolean {
    return !this.edited.has(comment);
  }

  private askForStranger(comment: CommentRow): Promise<Admission> {
    const known = this.strangers.get(comment);
    if (known && performance.now() - known.at < ANSWER_STALE_MS) return known.answer;
    const answer = this.ask({ viewerId: null, commentId: comment.id });
    this.strangers.set(comment, { at: performance.now(), answer });
    answer.catch(() => this.strangers.delete(comment));
    return answer;
  }
}
