/** What this process has really sent to PostgreSQL for requests; the job worker and the tests have other connections. */
import { Client } from 'pg';

interface Sent {
  readonly text?: string;
  /** Of several that went together. */
  readonly queries?: readonly { readonly text: string }[];
}

/** Listens to the driver until `mockRestore`. */
export function watchStatements() {
  return jest.spyOn(Client.prototype, 'query');
}

type Watch = ReturnType<typeof watchStatements>;

/** The texts of all statements since the watch was cleared last, in their order. */
export function sentTexts(watch: Watch): string[] {
  const clients = watch.mock.contexts as { connectionParameters: { application_name?: string } }[];
  return clients.flatMap(({ connectionParameters }, place) => {
    if (connectionParameters.application_name !== 'portico') return [];
    const [sent] = watch.mock.calls[place] as unknown as [Sent | string];
    if (typeof sent === 'string') return [sent];
    return sent.queries?.map(({ text }) => text) ?? [sent.text ?? ''];
  });
}
