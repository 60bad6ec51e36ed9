import { decodeJwt } from 'jose';
import type { Authentication } from '../../graphql/authentication';

/** Access tokens that others issue and that stand for people here. */
export interface ForeignTokens {
  /** Whether tokens of this issuer (`iss`) are looked at here. */
  takes(issuer: string): boolean;
  /** `address`: from where it was sent. @throws Unauthenticated; Fault SERVICE_UNAVAILABLE when nobody can tell now. */
  verify(token: string, address: string): Promise<Authentication>;
}

/** Who looks at tokens that are not ours. */
export class TokenVerifiers {
  private readonly all: ForeignTokens[] = [];

  add(tokens: ForeignTokens): void {
    this.all.push(tokens);
  }

  /** Null for our own, and for what nobody takes. What a token says of its issuer is not believed yet. */
  of(token: string): ForeignTokens | null {
    if (this.all.length === 0) return null;
    try {
      const { iss } = decodeJwt(token);
      return (typeof iss === 'string' && this.all.find((each) => each.takes(iss))) || null;
    } catch {
      return null;
    }
  }
}
