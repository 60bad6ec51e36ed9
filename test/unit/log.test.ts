import { GatheredLines } from '../../src/platform/telemetry/gathered-lines';
import { createLog } from '../../src/platform/telemetry/log';

const lines: string[] = [];
const out = { write: (text: string) => void lines.push(text) };
beforeEach(() => {
  lines.length = 0;
});

describe('a line of the log', () => {
  const log = createLog({ level: 'info', format: 'json', destination: out });
  const written = () => JSON.parse(lines[0] ?? '');

  it('says when, how grave, what happened, and its fields', () => {
    log.info({ operation: 'Home', ms: 1.5, viewer: null }, 'operation');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/}\n$/);
    const time = expect.any(Number);
    expect(written()).toEqual({ level: 30, time, operation: 'Home', ms: 1.5, viewer: null, msg: 'operation' });
  });

  it('is written by the same rules whether or not anything in it could be a secret', () => {
    log.warn({ codes: ['INTERNAL'], requestId: 'r' }, 'operation');
    expect(written()).toEqual({
      level: 40,
      time: expect.any(Number),
      codes: ['INTERNAL'],
      requestId: 'r',
      msg: 'operation',
    });
  });

  it.each([
    [{ token: 'hunter2' }],
    [{ viewer: 'v', password: 'hunter2' }],
    [{ sent: { authorization: 'hunter2' } }],
    [{ request: { headers: { cookie: 'hunter2' } } }],
  ])('never shows what must not be shown: %j', (fields) => {
    log.info(fields, 'slip');
    expect(lines[0]).not.toContain('hunter2');
    expect(lines[0]).toContain('[redacted]');
  });

  it('is left out below the level', () => {
    log.debug({ operation: 'Home' }, 'detail');
    expect(lines).toEqual([]);
  });
});

describe('lines on their way to standard output', () => {
  it('go together, in their order, and at once when asked', () => {
    const gathered = new GatheredLines(out);
    gathered.write('one\n');
    gathered.write('two\n');
    expect(lines).toEqual([]);
    gathered.flush();
    gathered.flush();
    expect(lines).toEqual(['one\ntwo\n']);
  });

  it('go by themselves in a moment, or when they are many', async () => {
    const gathered = new GatheredLines(out);
    gathered.write('one\n');
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let i = 0; i < 300; i += 1) gathered.write(`${'x'.repeat(99)}\n`);
    expect(lines.length).toBeGreaterThan(1);
  });

  it('go with a warning at once', () => {
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const log = createLog({ level: 'info', format: 'json' });
    log.info({}, 'before');
    expect(lines).toEqual([]);
    log.warn({}, 'warned');
    log.info({}, 'between');
    log.error({}, 'failed');
    write.mockRestore();
    expect(lines.map((text) => text.match(/"msg":"\w+"/g))).toEqual([
      ['"msg":"before"', '"msg":"warned"'],
      ['"msg":"between"', '"msg":"failed"'],
    ]);
  });
});
