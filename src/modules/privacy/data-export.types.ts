import { GraphQLDateTime, GraphQLURL } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType, edgeType } from '../../graphql/connection.types';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType } from '../../graphql/node.types';
import type { DataExportRow, JobState } from './data-export.entity';

const JOB_STATES = { QUEUED: 'QUEUED', RUNNING: 'RUNNING', DONE: 'DONE', FAILED: 'FAILED' } as const satisfies Record<
  JobState,
  JobState
>;

registerEnumType(JOB_STATES, {
  name: 'JobState',
  description: 'How far something has come that takes its time.',
  valuesConfig: {
    QUEUED: { description: 'It waits for its turn.' },
    RUNNING: { description: 'It is being done.' },
    DONE: { description: 'It is done.' },
    FAILED: { description: 'It was given up. Ask for it again.' },
  },
});

@ObjectType('DataExport', {
  implements: NodeType,
  description:
    'A copy of your data: a ZIP archive with one file of JSON lines for each kind, and a manifest that says what they are. Only you see it.',
})
export class DataExportType implements Pick<DataExportRow, 'state' | 'sizeBytes' | 'createdAt' | 'expiresAt'> {
  @Field(() => ID, { description: 'A TypeID such as export_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => JOB_STATES, { description: 'How far it has come.' })
  state!: JobState;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: string;

  @Field(() => Int, { nullable: true, description: 'Size of the archive, in bytes; null until it is done.' })
  sizeBytes!: number | null;

  @Field(() => GraphQLURL, {
    nullable: true,
    description:
      'Where to fetch it, with GET and without a token: a link of a few minutes, another one at each read; whoever has it has the copy. Null until it is done, once it has expired, and in every session but the one in which it was asked for, with whose end the link ends as well.',
  })
  url!: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the archive is removed; null until it is done.',
  })
  expiresAt!: string | null;
}

export const DataExportEdgeType = edgeType<DataExportRow>('DataExport', () => DataExportType);
export const DataExportConnectionType = connectionType('DataExport', () => DataExportType, DataExportEdgeType);

@InputType('RequestDataExportInput', { description: 'The account of the request is the one that is meant.' })
export class RequestDataExportInput extends MutationInput {}

@ObjectType('RequestDataExportPayload', {
  implements: MutationPayloadType,
  description: 'What became of requestDataExport.',
})
export class RequestDataExportPayload extends MutationPayloadType {
  @Field(() => DataExportType, { nullable: true, description: 'The copy that is going to be made.' })
  dataExport?: DataExportRow | null;
}
