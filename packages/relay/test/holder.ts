import { compileRuleset } from '@flags/core';
import type { HeldState, Position } from '@flags/sync';
import { adoptPosition, applyDelta, formatMessage, holdRuleset, judgeDelta, parseMessage } from '@flags/sync';
import { expect } from 'vitest';
import type { Environment } from '../src/environment.ts';
import type { View, ViewName } from '../src/view.ts';

/** A view of an environment that has a ruleset. */
export function viewOf(environment: Environment, name: ViewName = 'server'): View {
  const view = environment.view(name);
  if (view === undefined) throw new Error('there is no ruleset yet');
  return view;
}

/** What a client does with an answer: over the wire, and checked as it checks it. */
export function take(view: View, held: HeldState | undefined, since: Position | undefined): HeldState {
  const answer = view.answer(since);
  if (answer.kind !== 'message') {
    if (held === undefined) throw new Error('a client without anything got nothing');
    return answer.kind === 'current' ? adoptPosition(held, view.position) : held;
  }
  const text = formatMessage(answer.message);
  const parsed = parseMessage(answer.message.type, /^data: (.*)$/m.exec(text)?.[1] ?? '');
  if (parsed.kind !== 'message') throw new Error(`not a message: ${parsed.kind}`);
  const { message } = parsed;
  if (message.type === 'FULL_SYNC' && 'ref' in message) throw new Error('got a reference');
  if (message.type === 'FULL_SYNC') return holdRuleset(compileRuleset(message.ruleset), message.position);
  if (message.type !== 'FLAG_UPDATE' && message.type !== 'SEGMENT_UPDATE') throw new Error(`got ${message.type}`);
  expect(held === undefined ? 'gap' : judgeDelta(held.position, message)).toBe('apply');
  if (held === undefined) throw new Error('a delta for a client without anything');
  return applyDelta(held, message);
}

/** All raw entries of a held state. */
export function contents(held: HeldState): unknown {
  return [new Map(held.ruleset.flags), new Map(held.ruleset.segments)];
}
