/** One of two classes of measurements: whatever differs between them must not show in how long things take. */
export interface Sample {
  readonly secret: boolean;
  readonly durationMs: number;
}

/**
 * The larger, the more surely the classes differ: Welch's t between them, the greatest of several, each over what is
 * below another percentile of all samples. The long tail of a busy machine would hide a small difference, as in dudect
 * (Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", 2017, §III-B).
 */
export function greatestWelchT(samples: readonly Sample[], percentiles = [10, 25, 50, 75, 90, 95, 99]): number {
  const sorted = samples.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const ts = percentiles.map((percentile) => {
    const most = sorted[Math.floor((sorted.length * percentile) / 100)] ?? Number.POSITIVE_INFINITY;
    const below = samples.filter(({ durationMs }) => durationMs < most);
    const durations = (secret: boolean) =>
      below.filter((each) => each.secret === secret).map((each) => each.durationMs);
    return Math.abs(welchT(durations(true), durations(false)));
  });
  return Math.max(...ts);
}

/** B. L. Welch, "The generalization of Student's problem when several different population variances are involved", 1947. */
export function welchT(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [moments(a), moments(b)];
  return (one.mean - other.mean) / Math.sqrt(one.variance / a.length + other.variance / b.length);
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}
