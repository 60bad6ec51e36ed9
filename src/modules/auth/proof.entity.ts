import { Entity } from 'typeorm';
import { KeyColumn, TimeColumn } from '../../platform/postgres/columns';

/** A DPoP proof that was used, and must not be used again. */
export interface UsedProofRow {
  /** Hash of its key and its jti. */
  id: string;
  /** From when on it is refused for its age anyway. */
  endsAt: string;
}

@Entity('used_proofs')
export class UsedProofEntity implements UsedProofRow {
  @KeyColumn('text', 'id', 'used_proofs_pkey') id!: string;
  @TimeColumn('ends_at') endsAt!: string;
}
