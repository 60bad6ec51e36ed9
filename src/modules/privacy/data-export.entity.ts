import { Column, Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export type JobState = 'QUEUED' | 'RUNNING' | 'DONE' | 'FAILED';

/** A copy of somebody's data, asked for or made. */
export interface DataExportRow {
  userId: string;
  id: string;
  /** In which it was asked for, signed and by somebody who had just shown who they are: it is given out in that alone. */
  sessionId: string;
  state: JobState;
  /** How often making it was begun. */
  attempts: number;
  /** Null until it is done. */
  sizeBytes: number | null;
  createdAt: string;
  /** When its bytes are removed; null until it is done. */
  expiresAt: string | null;
}

@Entity('data_exports')
export class DataExportEntity implements DataExportRow {
  @KeyColumn('uuid', 'user_id', 'data_exports_pkey') userId!: string;
  @KeyColumn('uuid', 'id', 'data_exports_pkey') id!: string;
  @UuidColumn('session_id') sessionId!: string;
  @TextColumn('state') state!: JobState;
  @CountColumn('attempts', 0) attempts!: number;
  @Column('integer', { name: 'size_bytes', nullable: true }) sizeBytes!: number | null;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('expires_at', { nullable: true }) expiresAt!: string | null;
}

/** A stretch of the bytes of a copy. */
@Entity('data_export_parts')
export class DataExportPartEntity {
  @KeyColumn('uuid', 'user_id', 'data_export_parts_pkey') userId!: string;
  @KeyColumn('uuid', 'export_id', 'data_export_parts_pkey') exportId!: string;
  @KeyColumn('integer', 'seq', 'data_export_parts_pkey') seq!: number;
  @Column('bytea', { name: 'bytes' }) bytes!: Buffer;
}
