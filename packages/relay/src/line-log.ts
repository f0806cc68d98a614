import { inspect } from 'node:util';
import { formatProblem } from '@flags/config';
import type { FileProblem } from '@flags/config';
import type { RelayLog } from './log.ts';

/** What a log line of this relay may say beside its message. */
interface Facts {
  readonly position?: string;
  readonly url?: string;
  readonly streams?: number;
  readonly changed?: { readonly flags: readonly string[]; readonly segments: readonly string[] };
  readonly problems?: readonly FileProblem[];
  readonly err?: unknown;
}

/** A log for people: the time, the message, what it is about. */
export function lineLog(output: { write(text: string): unknown }): RelayLog {
  const line = (facts: Facts, message: string): void => {
    const time = new Date().toTimeString().slice(0, 8);
    output.write(`${[`${time} ${message}${about(facts)}`, ...below(facts)].join('\n')}\n`);
  };
  return { info: line, warn: line, error: line };
}

function about({ position, url, streams, changed }: Facts): string {
  const parts: string[] = [];
  if (url !== undefined) parts.push(url);
  if (streams !== undefined) parts.push(`${streams} open`);
  if (position !== undefined) parts.push(position);
  if (changed !== undefined) parts.push(names([...changed.flags, ...changed.segments]));
  return parts.length === 0 ? '' : `: ${parts.join(' · ')}`;
}

function below({ problems = [], err }: Facts): readonly string[] {
  const lines = problems.map((problem) => formatProblem(problem));
  if (err !== undefined) lines.push(inspect(err));
  return lines;
}

/** The first few names; a bulk import would fill the screen. */
function names(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).join(', ');
  return keys.length > 5 ? `${shown} and ${keys.length - 5} more` : shown;
}
