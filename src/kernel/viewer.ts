/** The signed-in person on whose behalf a request runs. */
export interface Viewer {
  readonly userId: string;
  readonly sessionId: string;
}

/** Null stands for an anonymous request. */
export type MaybeViewer = Viewer | null;

export function isSelf(viewer: MaybeViewer, userId: string): boolean {
  return viewer?.userId === userId;
}
