/** Bars, longest at the bottom, on a logarithmic scale where they differ much. */
export interface Chart {
  readonly title: string;
  readonly bars: readonly Bar[];
  /** From a power of ten below the shortest, since some are a thousand times as long as others. */
  readonly isLogarithmic: boolean;
}

/** One bar: what, how much, and how that is said. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly label: string;
  readonly role: 'ours' | 'peer' | 'ceiling';
}

const [WIDTH, NAMES, LABELS, LINE, TOP] = [760, 210, 90, 24, 44];

// Read in light and dark: the colours follow the reader's scheme.
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.peer { fill: #9aa4b0 } .ours { fill: #1a7f5a } .ceiling { fill: #d0a215 }
.end { text-anchor: end }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .peer { fill: #6b7683 } .ours { fill: #3fb68b } .ceiling { fill: #e3b341 }
}`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The chart as an SVG file of its own. */
export function drawChart({ title, bars, isLogarithmic }: Chart): string {
  const sorted = bars.toSorted((a, b) => a.value - b.value);
  const values = sorted.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const floor = 10 ** Math.floor(Math.log10(least) - 0.3);
  const share = (value: number): number =>
    isLogarithmic ? Math.log(value / floor) / Math.log(most / floor) : value / most;
  const room = WIDTH - NAMES - LABELS;
  const height = TOP + sorted.length * LINE + (isLogarithmic ? 26 : 8);
  const lines = sorted.map(({ name, value, label, role }, at) => {
    const y = TOP + at * LINE;
    const width = Math.max(2, share(value) * room).toFixed(1);
    return [
      `<text class="end" x="${NAMES - 8}" y="${y + 13}">${escaped(name)}</text>`,
      `<rect class="${role}" x="${NAMES}" y="${y}" width="${width}" height="${LINE - 7}" rx="2"/>`,
      `<text x="${(NAMES + Number(width) + 6).toFixed(1)}" y="${y + 13}">${escaped(label)}</text>`,
    ].join('\n');
  });
  const scale = isLogarithmic ? [`<text x="${NAMES}" y="${height - 8}">logarithmic scale</text>`] : [];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="8" y="24">${escaped(title)}</text>`,
    ...lines,
    ...scale,
    '</svg>\n',
  ].join('\n');
}
