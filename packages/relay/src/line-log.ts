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
  /** Lines for people. */
  readonly reasons?: readonly string[];
  /** Of a request that was turned away. */
  readonly method?: string;
  readonly route?: string;
  readonly status?: number;
  readonly code?: string;
  readonly keyId?: string;
  readonly keyName?: string | undefined;
  /** Why a key has ended. */
  readonly end?: string;
  /** The name of a store at the edge. */
  readonly store?: string;
}

// Names come from files and from other relays: none of them begins a line of its own, or tells a terminal what to do.
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

const plain = (text: string): string => text.replace(CONTROLS, '\uFFFD');

/** A log for people: the time, the message, what it is about. */
export function lineLog(output: { write(text: string): unknown }): RelayLog {
  const line = (facts: Facts, message: string): void => {
    const time = new Date().toTimeString().slice(0, 8);
    output.write(`${[plain(`${time} ${message}${about(facts)}`), ...below(facts)].join('\n')}\n`);
  };
  return { info: line, warn: line, error: line };
}

function about({ position, url, streams, changed, ...request }: Facts): string {
  const parts: string[] = [];
  if (request.code !== undefined) parts.push(`${request.status} ${request.code}`);
  if (request.route !== undefined) parts.push(`${request.method} ${request.route}`);
  const { keyId, keyName, end } = request;
  if (keyId !== undefined) parts.push(`key ${keyId}${keyName === undefined ? '' : ` (${keyName})`}`);
  if (end !== undefined) parts.push(end);
  if (request.store !== undefined) parts.push(`store ${request.store}`);
  if (url !== undefined) parts.push(url);
  if (streams !== undefined) parts.push(`${streams} open`);
  if (position !== undefined) parts.push(position);
  if (changed !== undefined) parts.push(names([...changed.flags, ...changed.segments]));
  return parts.length === 0 ? '' : `: ${parts.join(' · ')}`;
}

function below({ problems = [], reasons = [], err }: Facts): readonly string[] {
  const lines = [...problems.map((problem) => formatProblem(problem)), ...reasons.map(plain)];
  if (err !== undefined) lines.push(inspect(err));
  return lines;
}

/** The first few names; a bulk import would fill the screen. */
function names(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).join(', ');
  return keys.length > 5 ? `${shown} and ${keys.length - 5} more` : shown;
}
