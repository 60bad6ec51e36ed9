import type { RequestPipeline } from '../../src/graphql/pipeline/pipeline';
import { barePipelines, refusalOf } from './bare-pipeline';
import { CORPUS, type Hostile } from './corpus';

/** Each guard that can be configured, and what takes it away. */
const GUARDS: [guard: string, env: Record<string, string>][] = [
  ['tokens', { DOCUMENT_TOKENS_MAX: '100000' }],
  ['depth', { DOCUMENT_DEPTH_MAX: '100' }],
  ['fields', { DOCUMENT_FIELDS_MAX: '100000' }],
  ['aliases', { DOCUMENT_ALIASES_MAX: '100000' }],
  ['root fields', { DOCUMENT_ROOT_FIELDS_MAX: '10000' }],
  ['directives', { DOCUMENT_DIRECTIVES_MAX: '10000' }],
  ['fragments', { DOCUMENT_FRAGMENTS_MAX: '10000' }],
  ['operations', { DOCUMENT_OPERATIONS_MAX: '1000' }],
  ['cost', { DOCUMENT_COST_MAX: '1000000', BUDGET_CAPACITY: '1000000000', BUDGET_LOCAL_PERCENT: '100' }],
  ['batches', { DOCUMENT_READS_MAX: '1000' }],
  ['introspection', { INTROSPECTION: 'on' }],
];

const members = CORPUS.flatMap(({ family, members }) => members.map((hostile) => ({ family, hostile })));
let pipelineWith: (env?: Record<string, string>) => RequestPipeline;

beforeAll(async () => {
  pipelineWith = await barePipelines();
});

async function isRefusedAsDue(pipeline: RequestPipeline, { payload, code, says }: Hostile): Promise<boolean> {
  const refusal = await refusalOf(pipeline, JSON.stringify(payload));
  if (!refusal || refusal.errors.some(({ extensions }) => extensions['code'] !== code)) return false;
  return !says || says.test(refusal.errors.map(({ message }) => message).join('\n'));
}

describe('the hostile operations', () => {
  it('are all refused as is due by what nobody has configured', async () => {
    const pipeline = pipelineWith();
    const wrong: string[] = [];
    for (const { family, hostile } of members) {
      if (!(await isRefusedAsDue(pipeline, hostile))) wrong.push(`${family}: ${hostile.name}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each(GUARDS)('are not when one guard is missing: %s', async (_guard, env) => {
    const pipeline = pipelineWith(env);
    let first: string | null = null;
    for (const { family, hostile } of members) {
      if (await isRefusedAsDue(pipeline, hostile)) continue;
      first = `${family}: ${hostile.name}`;
      break;
    }
    expect(first).not.toBeNull();
  });
});
