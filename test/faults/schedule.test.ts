import { planFaults } from './schedule';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

describe('the plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    const plan = (seed: number) => JSON.stringify(planFaults(seed, { durationMs: 80_000, awayMs: 15_000 }));
    expect(plan(7)).toBe(plan(7));
    expect(plan(7)).not.toBe(plan(8));
  });

  it('has 30 faults and every kind of them in the short run, and never takes all processes away', () => {
    for (const seed of SEEDS) {
      const plan = planFaults(seed, { durationMs: 80_000, awayMs: 15_000 });
      expect(plan.length).toBeGreaterThanOrEqual(30);
      expect(new Set(plan.map(({ kind }) => kind)).size).toBe(11);
      const down = plan.filter(({ kind }) => kind === 'kill-process' || kind === 'stop-process');
      for (const one of down) {
        for (const other of down) {
          if (one !== other) expect(Math.abs(one.at - other.at)).toBeGreaterThan(4_000);
        }
      }
    }
  });

  it('fills the long run with faults, and ends with Redis away for a minute', () => {
    const durationMs = 27 * 60_000;
    const plan = planFaults(1, { durationMs, awayMs: 60_000 });
    expect(plan.length).toBeGreaterThanOrEqual(400);
    const away = plan.find(({ kind }) => kind === 'redis-away');
    expect(away).toMatchObject({ at: durationMs - 60_000, durationMs: 60_000 });
    expect(plan.filter(({ at, kind }) => at > (away?.at ?? 0) && kind !== 'leave')).toEqual([]);
  });
});
