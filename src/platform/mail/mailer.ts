import type { Transporter } from 'nodemailer';

/** A mail in both forms; a reader shows one of them. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  /** Hands the mail over. @throws when the server does not take it, or does not answer in time. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

export interface MailerOptions {
  /** An SMTP server as a URL; null to print mails instead. */
  readonly url: string | null;
  readonly from: string;
  readonly timeoutMs?: number;
}

interface SmtpError extends Error {
  readonly code?: string;
  /** RFC 5321 §4.2. */
  readonly responseCode?: number;
}

/** Why a mail was not taken, by its codes alone: in what servers say, they repeat the address that it was for. */
export class MailFault extends Error {
  constructor({ code = 'unknown', responseCode }: SmtpError) {
    super(`the mail was not taken: ${code}${responseCode === undefined ? '' : `, ${responseCode}`}`);
    this.name = 'MailFault';
  }
}

const TIMEOUT_MS = 20_000;
const RULE = '-'.repeat(72);

/** Sends by SMTP where there is a server; without one mails are printed, as a block that a person can read. */
export function createMailer(
  { url, from, timeoutMs = TIMEOUT_MS }: MailerOptions,
  print: (text: string) => void,
): Mailer {
  if (url === null) return { send: async (mail) => print(readable(mail, from)), close: () => {} };
  let transport: Transporter | undefined;
  return {
    async send(mail) {
      transport ??= connect(url, timeoutMs);
      // RFC 3834 §5: nobody's out-of-office note should answer.
      const headers = { 'Auto-Submitted': 'auto-generated' };
      const sent = transport.sendMail({ ...mail, from, headers, disableFileAccess: true, disableUrlAccess: true });
      await sent.catch((error: SmtpError) => {
        throw new MailFault(error);
      });
    },
    close: () => transport?.close(),
  };
}

/** The library is loaded with the first mail: a service that starts has better things to do. */
function connect(url: string, timeoutMs: number): Transporter {
  const { createTransport }: typeof import('nodemailer') = require('nodemailer');
  const timeouts = { connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs };
  return createTransport({ url, ...timeouts });
}

function readable({ to, subject, text }: Mail, from: string): string {
  return ['', RULE, `From:    ${from}`, `To:      ${to}`, `Subject: ${subject}`, '', text.trimEnd(), RULE, ''].join(
    '\n',
  );
}
