import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A mail as it arrived. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  readonly headers: string;
  readonly text: string;
  readonly html: string;
}

export interface SmtpServer {
  readonly url: string;
  readonly mails: ReceivedMail[];
  /** Mails to this address, newest last. */
  to(address: string): ReceivedMail[];
  /** The token in the link of the newest mail to this address. */
  tokenFor(address: string): string;
  /** Answers so many of the next mails with a failure that passes. */
  refuseNext(count: number): void;
  close(): Promise<void>;
}

/** Takes mails by SMTP (RFC 5321), as far as a client that sends needs it. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  let refusals = 0;
  const server = createServer((socket) => {
    sockets.add(socket.setEncoding('utf8').on('error', () => {}));
    socket.on('close', () => sockets.delete(socket));
    const say = (line: string) => socket.write(`${line}\r\n`);
    let pending = '';
    let envelope = { from: '', to: '' };
    let data: string[] | null = null;
    const take = (line: string) => {
      if (data && line !== '.') return void data.push(line.replace(/^\.\./, '.'));
      if (data) {
        const text = data.join('\r\n');
        data = null;
        if (refusals > 0) {
          refusals -= 1;
          return say(`451 not now, <${envelope.to}>`);
        }
        mails.push(readMail(envelope, text));
        return say('250 taken');
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'DATA') data = [];
      if (verb === 'MAIL') envelope = { from: addressIn(line), to: '' };
      if (verb === 'RCPT') envelope = { ...envelope, to: addressIn(line) };
      say({ DATA: '354 go on', QUIT: '221 bye' }[verb] ?? '250 ok');
    };
    socket.on('data', (chunk) => {
      const lines = `${pending}${chunk}`.split('\r\n');
      pending = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
    say('220 test');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const to = (address: string) => mails.filter((mail) => mail.to === address);
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    to,
    tokenFor(address) {
      const token = to(address).flatMap(({ text }) => /#token=([\w-]+)/.exec(text)?.[1] ?? []);
      return token.at(-1) ?? `no link came to ${address}`;
    },
    refuseNext(count) {
      refusals = count;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

/** The two parts of a multipart/alternative. */
function readMail(envelope: { from: string; to: string }, source: string): ReceivedMail {
  const [headers = '', ...rest] = source.split('\r\n\r\n');
  const boundary = /boundary="([^"]+)"/.exec(headers)?.[1] ?? 'none';
  const parts = rest.join('\r\n\r\n').split(`--${boundary}`);
  const part = (type: string) => decode(parts.find((each) => each.includes(`Content-Type: ${type}`)) ?? '');
  return { ...envelope, headers, text: part('text/plain'), html: part('text/html') };
}

function decode(part: string): string {
  const [headers = '', ...body] = part.split('\r\n\r\n');
  const text = body.join('\r\n\r\n');
  if (/base64/i.test(headers)) return Buffer.from(text, 'base64').toString();
  if (!/quoted-printable/i.test(headers)) return text;
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
