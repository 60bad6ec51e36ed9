import { Unauthenticated } from '../kernel/errors';
import type { Overload, Priority } from '../platform/http/overload';
import type { HasEnded } from './authentication';
import type { Budget, Grant } from './budget';
import type { Caller } from './caller';
import { refuseUnauthenticated } from './challenge';
import { COST_MIN } from './pipeline/cost';
import type { PreparedOperation, RequestPipeline } from './pipeline/pipeline';
import { refuseRequest } from './pipeline/refusal';
import type { OperationRequest } from './pipeline/request';

/** An operation that may run now, and the budget taken for it. */
export interface Admitted {
  readonly prepared: PreparedOperation;
  readonly grant: Grant;
  /** As whom it runs: with the proof that came with it, if any, used up. */
  readonly caller: Caller;
}

/** What a proof costs that comes without an operation. */
const SIGN_IN_OF_A_SOCKET = { attempts: [], price: COST_MIN, fee: 0 };

/** What stands between a request and its execution, in this order for every transport. */
export class Gate {
  constructor(
    private readonly pipeline: RequestPipeline,
    private readonly overload: Overload,
    private readonly budget: Budget,
    private readonly hasEnded: HasEnded,
  ) {}

  /** @throws Refusal */
  async admit(request: OperationRequest, caller: Caller): Promise<Admitted> {
    return this.pass(await this.prepare(request), caller);
  }

  /** What asks nobody and takes nothing. @throws Refusal */
  prepare(request: OperationRequest): Promise<PreparedOperation> {
    return this.pipeline.prepare(request);
  }

  /** Notes again what its sender has paid for before. */
  keep(prepared: PreparedOperation): void {
    this.pipeline.keep(prepared);
  }

  /** The rest of `admit`. @throws Refusal */
  async pass(prepared: PreparedOperation, caller: Caller): Promise<Admitted> {
    this.checkLoad(priorityOf(prepared));
    this.checkSession(caller, prepared);
    const grant = await this.budget.take(caller, prepared);
    const proven = await this.spendProof(caller, grant);
    this.pipeline.keep(prepared);
    return { prepared, grant, caller: proven };
  }

  /** Uses up a proof by which a socket signs in. @throws Refusal */
  async prove(caller: Caller): Promise<void> {
    if (caller.pending) await this.spendProof(caller, await this.budget.take(caller, SIGN_IN_OF_A_SOCKET));
  }

  /** Behind the budget: what is noted of a proof takes a write, and a proof is made for nothing. */
  private async spendProof(caller: Caller, grant: Grant): Promise<Caller> {
    if (!caller.pending) return caller;
    try {
      return { ...caller, proof: await caller.pending.use(), pending: null };
    } catch (error) {
      grant.release();
      throw error instanceof Unauthenticated ? refuseUnauthenticated(error) : error;
    }
  }

  /** Here rather than where tokens are read: a socket begins operations long after it has signed in. */
  private checkSession({ viewer, pending }: Caller, { afterEnd }: PreparedOperation): void {
    if (!viewer || afterEnd || !this.hasEnded(viewer)) return;
    const scheme = pending ? 'DPoP' : 'Bearer';
    throw refuseUnauthenticated(
      new Unauthenticated('This session has ended. Sign in again.', { scheme, error: 'invalid_token' }),
    );
  }

  /** @throws Refusal SERVICE_UNAVAILABLE when the process is too late with what it has already. */
  checkLoad(priority: Priority): void {
    if (this.overload.admits(priority)) return;
    const { retryAfterMs } = this.overload;
    const message = 'The service is overloaded. Try again in a moment.';
    throw refuseRequest('SERVICE_UNAVAILABLE', message, { status: 503, retryAfterMs });
  }
}

function priorityOf({ attempts, operation }: PreparedOperation): Priority {
  if (attempts.length > 0) return 'essential';
  if (operation.operation === 'mutation') return 'write';
  return operation.operation === 'subscription' ? 'subscribe' : 'read';
}
