import { Overload } from '../../src/platform/http/overload';

const DELAY_MS = 100;
/** Longer than the window over which the lateness is measured. */
const BLOCKED_MS = 500 + DELAY_MS * 2;

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('the measuring of lateness', () => {
  it('sees a delay whose only trace is that the look at it came late', () => {
    const overload = new Overload({ delayMs: DELAY_MS });
    try {
      block(BLOCKED_MS);
      overload.sample();
      expect(overload.admits('subscribe')).toBe(false);
      expect(overload.admits('essential')).toBe(true);
    } finally {
      overload.close();
    }
  });

  it('takes a look that comes in time for no delay', () => {
    const overload = new Overload({ delayMs: DELAY_MS });
    try {
      overload.sample();
      expect(overload.admits('subscribe')).toBe(true);
    } finally {
      overload.close();
    }
  });
});
