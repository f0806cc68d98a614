import { compileRuleset } from '@flags/core';
import type { Ruleset } from '@flags/core';
import type { Position } from '@flags/sync';
import { formatEnvelope, formatStateHash, parseEnvelope, parseSeals, stateHash } from '@flags/sync';
import { toRecord } from '../entries.ts';
import type { Environment } from '../environment.ts';
import type { History } from '../history.ts';
import { parseHistory } from '../history.ts';
import { createIngress } from '../ingress.ts';
import type { ViewName } from '../view.ts';

/** A state that was kept. */
export interface Saved {
  readonly ruleset: Ruleset;
  readonly position: Position;
  /** How earlier states lead there; absent in an answer of `GET /v1/snapshot`. */
  readonly history: History | undefined;
  /** When it was last known to be how things are, epoch milliseconds. */
  readonly at: number;
  /** What was held of the environment: everything, or the client's view. */
  readonly scope: ViewName;
}

const FORM = 1;

/** Writes what an environment holds. It is an answer of `GET /v1/snapshot` with one member more. `undefined` when there is nothing. */
export function formatSaved(environment: Environment, at: number): string | undefined {
  const answer = environment.widest?.answer(undefined);
  if (answer?.kind !== 'message') return undefined;
  const kept = { form: FORM, scope: environment.scope, at, history: environment.history() };
  return `${formatEnvelope(answer.message).slice(0, -1)},"kept":${JSON.stringify(kept)}}`;
}

/**
 * Reads what `formatSaved` wrote, or an answer of `GET /v1/snapshot`; or says in a few words why it cannot be trusted. A file may
 * have been cut, mixed up or edited: every digest is computed anew, and the whole has to add up to the hash of its position.
 */
export function parseSaved(text: string): Saved | string {
  const parsed = parseEnvelope(text);
  if (parsed.kind !== 'message') return 'it is damaged, or no snapshot of flags';
  const { message } = parsed;
  if (message.type !== 'FULL_SYNC' || !('ruleset' in message)) return 'it does not hold all flags';
  const kept = keptOf(text);
  if (kept === 'other') return 'it was written by another version of the relay';
  const compiled = compileRuleset(message.ruleset);
  const { position } = message;
  if (compiled.invalid !== undefined) return 'its rules are of a format this relay does not know';
  const admission = createIngress('snapshot').admit(compiled);
  if (!admission.ok) return admission.problem.message;
  const { entries, doubts } = admission;
  const wrong = doubts.find(({ code }) => code === 'DIGEST');
  if (wrong !== undefined) return `it is damaged: ${wrong.message}`;
  if (position.hash !== formatStateHash(stateHash(entries))) {
    return 'it is damaged: the flags do not add up to their hash';
  }
  const ruleset: Ruleset = {
    format: 1,
    environment: compiled.environment,
    epoch: position.epoch,
    version: position.version,
    flags: toRecord(entries.flags),
    segments: toRecord(entries.segments),
    seals: parseSeals(compiled.seals),
  };
  return { ruleset, position, history: kept?.history, at: kept?.at ?? Date.now(), scope: kept?.scope ?? 'server' };
}

/** What stands beside the flags; `undefined` when nothing does, `other` when it cannot be read. */
function keptOf(text: string): Pick<Saved, 'history' | 'at' | 'scope'> | 'other' | undefined {
  const { kept } = JSON.parse(text) as { readonly kept?: Readonly<Record<string, unknown>> | null };
  if (kept === undefined) return undefined;
  const { form, scope, at, history } = kept ?? {};
  if (form !== FORM || !isMoment(at) || (scope !== 'server' && scope !== 'client')) return 'other';
  return { scope, at, history: parseHistory(history) };
}

/** Whether a number of milliseconds is a time that a `Date` can hold; JSON holds larger ones. */
function isMoment(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}
