import type { Executor } from '../postgres/database';

/** Everybody whom something concerns, by name and the id that it hangs on: the followers of a person. */
export interface Audience {
  readonly name: string;
  readonly id: string;
}

/** Some of an audience. */
export interface AudiencePage {
  readonly viewerIds: readonly string[];
  /** Where the next page begins; null behind the last. */
  readonly next: string | null;
}

/**
 * Reads the next page of an audience, in an order in which nobody who belongs to it all the while is left out.
 * @param after the `next` of the page before, null for the first.
 */
export type PageAudience = (
  executor: Executor,
  id: string,
  after: string | null,
  limit: number,
) => Promise<AudiencePage>;

/** The audiences that changes can be spread to. Modules register theirs when they are built. */
export class Audiences {
  private readonly pages = new Map<string, PageAudience>();

  register(name: string, page: PageAudience): void {
    if (this.pages.has(name)) throw new Error(`two audiences are called ${name}`);
    this.pages.set(name, page);
  }

  page(executor: Executor, { name, id }: Audience, after: string | null, limit: number): Promise<AudiencePage> {
    const page = this.pages.get(name);
    if (!page) throw new Error(`no audience is called ${name}`);
    return page(executor, id, after, limit);
  }
}
