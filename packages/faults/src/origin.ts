import type { Flag, Ruleset } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { FlagUpdate, FullSync, Heartbeat, HeldState, Position } from '@flags/sync';
import { holdRuleset, parsePosition } from '@flags/sync';
import { rulesetOf } from './rules.ts';

/** A server's side of the protocol, without a server: what scripted servers and transports say. */
export interface Origin {
  readonly position: Position;
  readonly ruleset: Ruleset;
  /** Commits the flags that differ, `null` for one that goes; answers with the delta. */
  commit(flags: Readonly<Record<string, Flag | null>>): FlagUpdate;
  /** Another history takes the place of this one. */
  replace(ruleset: Ruleset): void;
  fullSync(reason?: string): FullSync;
  heartbeat(more?: Partial<Heartbeat>): Heartbeat;
  /** What a client that stands at this position gets: a delta, everything, or nothing. */
  answer(held: string | undefined): FullSync | FlagUpdate | undefined;
}

/** Creates an origin that starts with this ruleset. */
export function createOrigin(start: Ruleset): Origin {
  let ruleset = start;
  let head = hold(start);
  let deltas: FlagUpdate[] = [];
  const fullSync = (reason = 'initial'): FullSync => ({
    type: 'FULL_SYNC',
    position: head.position,
    reason,
    ruleset: { ...ruleset },
  });
  return {
    get position() {
      return head.position;
    },
    get ruleset() {
      return ruleset;
    },
    commit: (flags) => {
      const from = head.position;
      const left = Object.values({ ...ruleset.flags, ...flags }).filter((flag) => flag !== null);
      ruleset = rulesetOf(ruleset.version + 1, left, Object.values(ruleset.segments), ruleset.epoch);
      head = hold(ruleset);
      const delta: FlagUpdate = { type: 'FLAG_UPDATE', from, position: head.position, flags };
      deltas.push(delta);
      return delta;
    },
    replace: (next) => {
      ruleset = next;
      head = hold(next);
      deltas = [];
    },
    fullSync,
    heartbeat: (more = {}) => ({ type: 'HEARTBEAT', position: head.position, time: Date.now(), ...more }),
    answer: (text) => {
      const held = parsePosition(text);
      if (held === undefined) return fullSync();
      if (held.epoch === head.position.epoch && held.version > head.position.version) return undefined;
      if (held.epoch === head.position.epoch && held.hash === head.position.hash) return undefined;
      const index = deltas.findIndex(({ from }) => from.version === held.version && from.hash === held.hash);
      if (index < 0 || held.epoch !== head.position.epoch) return fullSync('fork');
      // Not `Object.assign`: to it, `__proto__` is no ordinary key.
      const flags = Object.fromEntries(deltas.slice(index).flatMap((delta) => Object.entries(delta.flags)));
      return { type: 'FLAG_UPDATE', from: held, position: head.position, flags };
    },
  };
}

function hold(ruleset: Ruleset): HeldState {
  return holdRuleset(compileRuleset(ruleset));
}
