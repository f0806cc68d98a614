/**
 * Something wrong, or doubtful, in a flag file or its lock. Its code is one of `@flags/core/validate`, or of the file itself:
 * `FILE` cannot be read or written · `SYNTAX` no YAML · `DUPLICATE` a repeated key · `FLAG` an unknown flag · `SHARE` a bad
 * percentage · `TIME` a bad date, day or hour · `ZONE` an unknown time zone · `CLIENT` not fit to be sent to browsers ·
 * `LOCK` an unusable lock file.
 */
export interface FileProblem {
  readonly severity: 'error' | 'warning';
  /** As it was given to the loader. */
  readonly file: string;
  /** From 1; 0 when the problem has no place in the text. */
  readonly line: number;
  /** From 1, in UTF-16 units; 0 when the problem has no place in the text. */
  readonly column: number;
  /** Column behind the last character of the place on that line. */
  readonly endColumn: number;
  /** Members and indexes that lead to the place, as in the file. */
  readonly path: readonly (string | number)[];
  readonly code: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** A problem of a whole file. */
export function fileProblem(
  severity: FileProblem['severity'],
  file: string,
  code: string,
  message: string,
  hint: string,
): FileProblem {
  return { severity, file, line: 0, column: 0, endColumn: 0, path: [], code, message, hint };
}

// What a terminal would obey must not reach it from a file's text.
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const plain = (text: string): string => text.replace(CONTROLS, '\uFFFD');

/**
 * The problem as text for a terminal: `file:line:column`, the message, the line with a caret when `source` (the file's text)
 * is given, and the hint. Several lines, no colours, no line break at the end.
 */
export function formatProblem(problem: FileProblem, source?: string): string {
  const { severity, file, line, column, endColumn, code, message, hint } = problem;
  const place = line ? `${file}:${line}:${column}` : file;
  const lines = [`${plain(place)} ${severity} ${code}: ${plain(message)}`];
  const text = line && source !== undefined ? source.split(/\r\n|\r|\n/, line)[line - 1] : undefined;
  if (text !== undefined) {
    // Long lines are shown around the place; tabs count as one column, as in the position.
    const from = column > 100 ? column - 60 : 1;
    const excerpt = plain(text.slice(from - 1, from + 139).replaceAll('\t', ' '));
    const width = Math.max(1, Math.min(endColumn, from + 140) - column);
    const gutter = String(line);
    lines.push(`  ${gutter} | ${excerpt}`);
    lines.push(`  ${' '.repeat(gutter.length)} | ${' '.repeat(column - from)}${'^'.repeat(width)}`);
  }
  if (hint) lines.push(`  hint: ${plain(hint)}`);
  return lines.join('\n');
}
