import { atOnce, type ExportSource, shownAs } from '../../platform/export/export-source';
import * as identities from './identity.repository';

export const exportOfIdentities: ExportSource = {
  name: 'identities',
  about: 'Your accounts elsewhere by which you can sign in here, and what they call you.',
  pages: (executor, { userId }) =>
    shownAs(atOnce(identities.listOfUser(executor, userId)), ({ issuer, subject, linkedAt, signedInAt }) => ({
      issuer,
      subject,
      linkedAt,
      signedInAt,
    })),
};
