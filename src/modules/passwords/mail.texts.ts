import type { Mail } from '../../platform/mail/mailer';
import type { MailKind } from './mail.entity';

interface Text {
  readonly subject: string;
  readonly says: string;
  /** What the link does, and where below the app's own address it leads. */
  readonly link?: { readonly label: string; readonly path: string };
  readonly otherwise: string;
}

const NOT_YOU = 'If this was not you, reset your password now: somebody else may be able to use your account.';

const TEXTS: Readonly<Record<MailKind, Text>> = {
  'verify-email': {
    subject: 'Verify your e-mail address',
    says: 'Please confirm that this is your e-mail address.',
    link: { label: 'Verify this address', path: '/verify-email' },
    otherwise: 'If you have not made an account, you need not do anything.',
  },
  'change-email': {
    subject: 'Verify your new e-mail address',
    says: 'Please confirm that this is the new e-mail address of your account. Until then the old one stays.',
    link: { label: 'Use this address', path: '/verify-email' },
    otherwise: 'If you have not asked for this, you need not do anything.',
  },
  'reset-password': {
    subject: 'Reset your password',
    says: 'Somebody, probably you, has forgotten the password of your account.',
    link: { label: 'Choose a new password', path: '/reset-password' },
    otherwise: 'If it was not you, you need not do anything: your password stays as it is.',
  },
  'email-changing': {
    subject: 'Your e-mail address is about to change',
    says: 'Somebody has asked to use another e-mail address for your account. It changes when that one is verified.',
    otherwise: NOT_YOU,
  },
  'email-changed': {
    subject: 'Your e-mail address has changed',
    says: 'Your account has another e-mail address now; this one is not of use any more.',
    otherwise: 'If this was not you, write to those who run this service: somebody else has your account.',
  },
  'password-changed': {
    subject: 'Your password has changed',
    says: 'Your account has a new password.',
    otherwise: NOT_YOU,
  },
};

/** What a mail says. The token stands in the fragment of its link, which browsers do not send to servers. */
export function composeMail(kind: MailKind, to: string, linkUrl: string, token: string | null): Mail {
  const { subject, says, link, otherwise } = TEXTS[kind];
  const url = link && token ? `${linkUrl}${link.path}#token=${token}` : null;
  const parts = [says, ...(link && url ? [`${link.label}:\n${url}`] : []), otherwise];
  const anchor = link && url ? [`<p><a href="${escapeHtml(url)}">${escapeHtml(link.label)}</a></p>`] : [];
  const paragraphs = [`<p>${escapeHtml(says)}</p>`, ...anchor, `<p>${escapeHtml(otherwise)}</p>`];
  const head = `<meta charset="utf-8"><title>${escapeHtml(subject)}</title>`;
  return {
    to,
    subject,
    text: `${parts.join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><head>${head}</head><body>${paragraphs.join('')}</body></html>`,
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
