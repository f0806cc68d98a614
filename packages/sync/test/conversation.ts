import { statusOf } from '../src/index.ts';
import type { HeldState, Message, Policy, Position } from '../src/index.ts';
import { createBench } from './machine.ts';
import type { Bench } from './machine.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';

export const one: HeldState = held(1, [flagOf('a', 1, false)]);
export const two: HeldState = held(2, [flagOf('a', 2, true)]);

export function fullSync(state: HeldState, position: Position = state.position): Message {
  const { ruleset } = state;
  const json = { ...rulesetJson(position.version), epoch: position.epoch, flags: Object.fromEntries(ruleset.flags) };
  return { type: 'FULL_SYNC', position, reason: 'initial', ruleset: json };
}

export const delta: Message = {
  type: 'FLAG_UPDATE',
  from: one.position,
  position: two.position,
  flags: { a: flagOf('a', 2, true) },
};

export const heartbeat = (position: Position = one.position, more: object = {}): Message => ({
  type: 'HEARTBEAT',
  position,
  time: 1_000_000,
  ...more,
});

export const accept = (bench: Bench): Bench =>
  bench.put({
    type: 'response',
    request: bench.request(),
    status: 200,
    contentType: 'text/event-stream; charset=utf-8',
  });
export const say = (bench: Bench, message: Message): Bench =>
  bench.put({ type: 'message', request: bench.request(), message });
export const refuse = (bench: Bench, status: number, retryAfter?: string): Bench =>
  bench.put({ type: 'response', request: bench.request(), status, retryAfter });
export const status = (bench: Bench): string => statusOf(bench.state()).state;

export function live(policy: Partial<Policy> = {}, random?: number): Bench {
  const bench = createBench(policy, random).put({ type: 'start' });
  say(accept(bench), fullSync(one));
  bench.effects();
  return bench;
}
