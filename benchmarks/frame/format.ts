/** Three digits that count: 4.21, 42.1, 421, 4 210. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100)
    return Math.round(value)
      .toString()
      .replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** A time of a nanosecond and more, in the unit that keeps it short. */
export function nanoseconds(ns: number): string {
  if (ns < 1_000) return `${digits(ns)} ns`;
  return ns < 1e6 ? `${digits(ns / 1e3)} µs` : `${digits(ns / 1e6)} ms`;
}

/** Milliseconds. */
export function milliseconds(ms: number): string {
  return ms < 1 ? `${digits(ms * 1e3)} µs` : `${digits(ms)} ms`;
}

/** Bytes in powers of ten. */
export function bytes(count: number): string {
  if (Math.abs(count) < 1_000) return `${Math.round(count)} B`;
  return Math.abs(count) < 1e6 ? `${digits(count / 1e3)} kB` : `${digits(count / 1e6)} MB`;
}

/** How many times as much: 1×, 2.4×, 38×, 1 210×. */
export function ratio(value: number): string {
  if (value === 1) return '1×';
  const text = value >= 10 ? Math.round(value).toString() : value.toFixed(value < 1 ? 2 : 1);
  return `${text.replaceAll(/\B(?=(\d{3})+$)/g, ' ')}×`;
}

/** A table in Markdown: the first column to the left, all others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return `${line(head)}${line(head.map((_, at) => (at === 0 ? '---' : '---:')))}${rows.map(line).join('')}`;
}
