import type { UserErrorCode } from '../../kernel/errors';

/** What a viewer wants to be different; what is left out stays. */
export interface RelationshipChange {
  readonly following?: boolean | null;
  readonly blocking?: boolean | null;
  readonly muting?: boolean | null;
}

/** Which blocks stand between the viewer and another person. */
export interface Blocks {
  readonly blocking: boolean;
  readonly blockedBy: boolean;
}

/** Why a viewer may not change how they stand to somebody; null when they may. */
export function refusal(
  blocks: Blocks | null,
  change: RelationshipChange,
): { readonly code: UserErrorCode; readonly message: string } | null {
  // Who blocked the viewer does not exist for the viewer, not even to be blocked back.
  if (!blocks || blocks.blockedBy) return { code: 'NOT_FOUND', message: 'There is no such person.' };
  if (change.following && (change.blocking ?? blocks.blocking)) {
    return { code: 'BLOCKED', message: 'Lift your block before you follow this person.' };
  }
  return null;
}
