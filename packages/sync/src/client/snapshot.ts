import type { CompiledRuleset, CompileOptions } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import { holdRuleset } from '../protocol/change.ts';
import { formatPosition, parsePosition } from '../protocol/position.ts';

/** A short text that differs when the text does: what shows that a text is still the one that was written. */
export type SumOf = (text: string) => string;

const headOf = (sum: string): string => `{"kind":"flags-snapshot","version":2,"sum":"${sum}",`;

/**
 * Writes held rules as one text that a later run can start from: JSON that begins with the sum of what follows.
 *
 * @param scope What the rules belong to; they are read back under the same scope only.
 */
export function formatSnapshot(held: HeldState, scope: string, sumOf: SumOf): string {
  const position = formatPosition(held.position);
  const body = JSON.stringify({ scope, position, ruleset: rulesetJsonOf(held.ruleset) }).slice(1);
  return headOf(sumOf(body)) + body;
}

/** The JSON that a ruleset was compiled from, changes included. */
export function rulesetJsonOf(compiled: CompiledRuleset): Readonly<Record<string, unknown>> {
  const { environment, epoch, version, flags, segments, seals } = compiled;
  const entries = { flags: Object.fromEntries(flags), segments: Object.fromEntries(segments) };
  return { format: 1, environment, epoch, version, ...entries, seals };
}

/**
 * Reads what `formatSnapshot` wrote, or says in a few words why it cannot be trusted: it may have been cut, mixed up or edited.
 *
 * @param scope `undefined` takes rules of any scope.
 */
export function parseSnapshot(
  text: string,
  scope: string | undefined,
  sumOf: SumOf,
  options: CompileOptions,
): HeldState | string {
  const body = text.slice(text.indexOf('"scope":'));
  if (text !== headOf(sumOf(body)) + body) return 'it is damaged, or of another version';
  const written = JSON.parse(text) as Readonly<Record<string, unknown>>;
  if (scope !== undefined && written['scope'] !== scope) return 'it belongs to another url or key';
  const ruleset = compileRuleset(written['ruleset'], options);
  if (ruleset.invalid !== undefined) return 'its rules are of a format this client does not know';
  return holdRuleset(ruleset, parsePosition(written['position']));
}
