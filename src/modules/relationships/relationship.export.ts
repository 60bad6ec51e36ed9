import type { Viewer } from '../../kernel/viewer';
import { type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import type { Executor } from '../../platform/postgres/database';
import { namedPerson } from '../accounts';
import { type ListedUser, type PeopleList, pagePeople } from './relationship.repository';

/** The lists as their owner sees them: people behind a block that they did not set themselves are in none. */
export const exportsOfRelationships: readonly ExportSource[] = [
  peopleIn('following', 'following', 'Whom you follow, since when.'),
  peopleIn('followers', 'followers', 'Who follows you, since when.'),
  peopleIn('follow-requests-sent', 'asked', 'Whom you asked to follow, when; they have not answered.'),
  peopleIn('follow-requests-received', 'requests', 'Who asked to follow you, when; you have not answered.'),
  peopleIn('blocks', 'blocks', 'Whom you blocked, when.'),
  peopleIn('mutes', 'mutes', 'Whom you muted, when.'),
];

function peopleIn(name: string, list: PeopleList, about: string): ExportSource {
  const pages = (executor: Executor, viewer: Viewer) =>
    shownAs(
      inPages(
        (stretch) => pagePeople(executor, viewer, list, [viewer.userId], stretch),
        ({ listedAt, node }) => [listedAt, node.id],
      ),
      showPerson,
    );
  return { name, about, pages };
}

function showPerson({ node, listedAt }: ListedUser): object {
  return { ...namedPerson(node), since: listedAt };
}
