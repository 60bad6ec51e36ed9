/** What this process has really sent to PostgreSQL. */
import { Client } from 'pg';

/** One statement as it was sent. */
export interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What the driver is given: a text, a statement, or several that go together. */
type Given = string | (Partial<SentStatement> & { readonly queries?: readonly Given[] });

/** Listens to the driver until `mockRestore`. */
export function watchStatements() {
  return jest.spyOn(Client.prototype, 'query');
}

type Watch = ReturnType<typeof watchStatements>;

/**
 * What the service has sent since the watch was cleared last, in its order, by whatever connection: it sends objects; what
 * the tests and the job queue send is text.
 */
export function sentStatements(watch: Watch): SentStatement[] {
  return (watch.mock.calls as unknown as (readonly [Given])[]).flatMap(([given]) =>
    typeof given === 'string' ? [] : statementsIn(given),
  );
}

/** The texts of those sent for requests; the job worker and the tests have other connections. */
export function sentTexts(watch: Watch): string[] {
  const given = watch.mock.calls as unknown as (readonly [Given])[];
  return forRequests(watch, given).flatMap(([each]) => statementsIn(each).map(({ text }) => text));
}

/** What the driver has answered to those sent for requests. */
export function driverAnswers(watch: Watch): unknown[] {
  return forRequests(watch, watch.mock.results).map(({ value }) => value);
}

/** Of what is known of each call, that of the connections of requests. */
function forRequests<Known>(watch: Watch, known: readonly Known[]): Known[] {
  const clients = watch.mock.contexts as { connectionParameters: { application_name?: string } }[];
  return known.filter((_, place) => clients[place]?.connectionParameters.application_name === 'portico');
}

function statementsIn(given: Given): SentStatement[] {
  if (typeof given === 'string') return [{ text: given, values: [] }];
  if (given.queries) return given.queries.flatMap(statementsIn);
  return [{ text: given.text ?? '', values: given.values ?? [] }];
}
