/** The ratios to the limit as bars, for the README: plain SVG that is readable on light and on dark ground. */
import { type Results, ratio } from './rounds';
import { LIMIT } from './servers';

const WIDTH = 720;
const NAME_WIDTH = 210;
const BAR_HEIGHT = 14;
const ROW_HEIGHT = 20;
const HEAD_HEIGHT = 30;
const SCALE_MAX_WIDTH = WIDTH - NAME_WIDTH - 60;

export function drawChart(results: Results, tasks: readonly string[]): string {
  const parts: string[] = [];
  let y = 0;
  for (const task of tasks) {
    const limit = results.get(LIMIT)?.get(task);
    if (!limit) continue;
    const bars = [...results].flatMap(([name, byTask]) => {
      const result = byTask.get(task);
      return result ? [{ name, value: ratio(result, limit) }] : [];
    });
    const most = Math.max(1, ...bars.map(({ value }) => value));
    y += HEAD_HEIGHT;
    parts.push(
      `<text class="head" x="0" y="${y - 8}">${task}: requests/s relative to one hand-written statement</text>`,
    );
    for (const { name, value } of bars.sort((a, b) => b.value - a.value)) {
      const width = Math.max(1, (value / most) * SCALE_MAX_WIDTH);
      const kind = name.startsWith('Portico') ? 'ours' : 'peer';
      const base = y + BAR_HEIGHT - 3;
      parts.push(
        `<text x="${NAME_WIDTH - 8}" y="${base}" text-anchor="end">${name}</text>`,
        `<rect class="${kind}" x="${NAME_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}"/>`,
        `<text x="${(NAME_WIDTH + width + 6).toFixed(1)}" y="${base}">${value.toFixed(2)}</text>`,
      );
      y += ROW_HEIGHT;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Requests a second of Portico and its peers">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.head { font-weight: 600 }
.ours { fill: #2f6feb }
.peer { fill: #9aa4af }
@media (prefers-color-scheme: dark) { text { fill: #9da7b1 } .peer { fill: #59636e } }
</style>
${parts.join('\n')}
</svg>
`;
}
