import { createRules, DEFAULT_POLICY, INITIAL_STATE, LOADING_REFERENCES, step } from '../src/index.ts';
import type { Effect, MachineEvent, MachineState, Policy, Verification } from '../src/index.ts';

/** A machine on a bench: events go in at chosen times, effects are kept. */
export interface Bench {
  readonly state: () => MachineState;
  /** Everything since the last call. */
  readonly effects: () => Effect[];
  /** Puts an event in, now. */
  readonly put: (event: MachineEvent) => Bench;
  /** Moves time on, and fires the timer whenever it is due. */
  readonly pass: (ms: number) => Bench;
  /** Number of the last request asked for. */
  readonly request: () => number;
  readonly time: () => number;
}

/** Puts a machine on the bench. The chance of every event is `random`. */
export function createBench(policy: Partial<Policy> = {}, random = 0.5, verification?: Verification): Bench {
  const full = { ...DEFAULT_POLICY, ...policy };
  let state: MachineState = INITIAL_STATE;
  const content = createRules();
  const parts = { loading: LOADING_REFERENCES, verification };
  let at = 0;
  let effects: Effect[] = [];
  const bench: Bench = {
    state: () => state,
    effects: () => {
      const taken = effects;
      effects = [];
      return taken;
    },
    put: (event) => {
      const next = step(state, { ...event, at, now: 1_000_000 + at, random }, full, content, parts);
      ({ state } = next);
      effects.push(...next.effects);
      return bench;
    },
    pass: (ms) => {
      const until = at + ms;
      while (state.timerAt !== undefined && state.timerAt <= until) {
        at = Math.max(at, state.timerAt);
        bench.put({ type: 'tick' });
      }
      at = until;
      return bench;
    },
    request: () => state.lastRequest,
    time: () => at,
  };
  return bench;
}

/** Effects of these types. */
export function only<Type extends Effect['type']>(
  effects: readonly Effect[],
  ...types: Type[]
): Extract<Effect, { type: Type }>[] {
  const wanted: readonly string[] = types;
  return effects.filter((effect): effect is Extract<Effect, { type: Type }> => wanted.includes(effect.type));
}
