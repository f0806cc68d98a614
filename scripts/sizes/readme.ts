import type { SizeRow } from './table.ts';

const block = /(<!-- sizes:.*?-->\n).*?(<!-- \/sizes -->)/s;
// Figures are rounded, and an edit that changes a few bytes need not touch the README.
const toleranceBytes = 60;

/** Writes the rows into the README's size block, or throws if it has none. */
export function writeSizes(readme: string, rows: readonly SizeRow[]): string {
  if (!block.test(readme)) {
    throw new Error(
      'The README has no size block: add "<!-- sizes: written by scripts/sizes.ts -->" and "<!-- /sizes -->".',
    );
  }
  const lines = rows.map(({ what, bytes }) => `| ${what} | ${kilobytes(bytes)} kB |\n`);
  const table = `\n| minified, gzip | size |\n| --- | ---: |\n${lines.join('')}\n`;
  return readme.replace(block, (_, start: string, end: string) => `${start}${table}${end}`);
}

/** Lists the rows that the README lacks or quotes with another figure. */
export function sizeProblems(readme: string, rows: readonly SizeRow[]): readonly string[] {
  const quoted = new Map<string, number>();
  for (const [, what, figure] of (block.exec(readme)?.[0] ?? '').matchAll(/^\| (.+?) +\| +([\d.]+) kB \|$/gm)) {
    quoted.set(what ?? '', Number(figure) * 1000);
  }
  return rows.flatMap(({ what, bytes }) => {
    const figure = quoted.get(what);
    if (figure === undefined) return [`${what}: not quoted, it is ${kilobytes(bytes)} kB`];
    if (Math.abs(figure - bytes) <= toleranceBytes) return [];
    return [`${what}: quoted ${kilobytes(figure)} kB, it is ${kilobytes(bytes)} kB`];
  });
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(2);
}
