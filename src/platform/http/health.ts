import type { FastifyInstance } from 'fastify';
import { within } from '../lifecycle/within';

/** Answers in time or is counted as failed; load balancers ask every few seconds. */
const CHECK_DEADLINE_MS = 2_000;

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: it can serve, i.e. every check passes; 503 names the
 * failed ones. A load balancer uses ready, a supervisor uses live.
 */
export function registerHealth(app: FastifyInstance, checks: Record<string, () => Promise<unknown>>): void {
  app.get('/health/live', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    return { status: 'ok' };
  });
  app.get('/health/ready', async (_request, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const ready = results.every(([, ok]) => ok);
    void reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    return {
      status: ready ? 'ok' : 'unavailable',
      checks: Object.fromEntries(results.map(([name, ok]) => [name, ok ? 'ok' : 'failed'])),
    };
  });
}

async function passes(check: () => Promise<unknown>): Promise<boolean> {
  try {
    const passed = check().then(() => true);
    return await within(CHECK_DEADLINE_MS, passed, false);
  } catch {
    return false;
  }
}
