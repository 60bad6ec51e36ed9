import { parse, validate } from 'graphql';
import { Grammar } from '../fuzz/grammar';
import { BothWays, demandAlike } from '../support/both-ways';
import { report } from '../support/global-setup';
import { buildTroubledSchema } from '../support/troubled-schema';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const DOCUMENTS = Number(process.env['COMPILED_DOCUMENTS'] ?? 600);
/** Documents for one schema; in the next, other fields fail. */
const DOCUMENTS_EACH = 100;
const TIME_MAX_MS = Math.max(60_000, DOCUMENTS * 20);

const POOL = { users: ['a', 'b'], posts: ['c'], comments: ['d'], handles: ['e'], places: [] };

describe('a planned operation', () => {
  it(
    `answers as graphql-js does, byte for byte, where anything can fail anywhere: ${DOCUMENTS} documents`,
    async () => {
      const tally = { planned: 0, failing: 0, null: 0, invalid: 0 };
      for (let n = 0; n < DOCUMENTS; n += DOCUMENTS_EACH) {
        const schema = buildTroubledSchema(SEED + n);
        const grammar = new Grammar(schema, POOL, SEED + n);
        const ways = new BothWays(schema);
        for (let each = 0; each < DOCUMENTS_EACH; each += 1) {
          const document = grammar.document();
          if (validate(schema, parse(document.query)).length > 0) {
            tally.invalid += 1;
            continue;
          }
          const asked = () => ({ asked: document.query.length });
          const answers = await ways.run(document, asked, { root: true });
          demandAlike(answers, document);
          const [planned] = answers;
          tally.planned += planned.planned ? 1 : 0;
          tally.failing += planned.text.includes('"errors"') ? 1 : 0;
          tally.null += planned.text.includes('"data":null') ? 1 : 0;
        }
      }
      report(`compiled: seed ${SEED}, ${JSON.stringify(tally)}`);
      // What is null as a whole does not show by whom it was executed.
      expect(tally.planned + tally.null).toBeGreaterThan(DOCUMENTS * 0.9);
      expect(tally.failing).toBeGreaterThan(DOCUMENTS * 0.3);
      expect(tally.invalid).toBeLessThan(DOCUMENTS * 0.1);
    },
    TIME_MAX_MS,
  );
});
