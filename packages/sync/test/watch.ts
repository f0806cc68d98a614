import { comparePositions, INITIAL_STATE, step } from '../src/index.ts';
import type {
  Content,
  Effect,
  Held,
  MachineEvent,
  MachineParts,
  MachineState,
  Policy,
  Position,
} from '../src/index.ts';
import type { Draft } from './happenings.ts';

/** What drives a machine and watches, from its effects alone, what is open; as a runtime would see it. */
export interface Watch<H extends Held> {
  readonly put: (event: MachineEvent<H>, random: number) => readonly Effect<H>[];
  /** Time passes, and the timer fires whenever it is due. */
  readonly pass: (ms: number, random: number) => void;
  readonly happen: (next: Draft<H>, random: number) => void;
  readonly state: () => MachineState<H>;
  /** The promises that were broken. */
  readonly broken: () => readonly string[];
}

const KINDS = { connect: 'stream', poll: 'poll', load: 'load', verify: 'load', ack: 'ack' } as const;

/** Puts a machine under watch. */
export function createWatch<H extends Held>(policy: Policy, content: Content<H>, parts?: MachineParts): Watch<H> {
  const verification = parts?.verification;
  const open = { stream: new Set<number>(), poll: new Set<number>(), load: new Set<number>(), ack: new Set<number>() };
  const end = (request: number): void => Object.values(open).forEach((requests) => requests.delete(request));
  let timer: number | undefined;
  let at = 0;
  let wall = 1_800_000_000_000;
  /** When a server was first heard to be of an older epoch than what is held. */
  let olderSince: number | undefined;
  let state: MachineState<H> = INITIAL_STATE;
  const broken = new Set<string>();
  const put = (next: MachineEvent<H>, random: number): readonly Effect<H>[] => {
    if (next.type === 'tick') timer = undefined;
    const before = state;
    const frozen = print(before);
    const result = step(before, { ...next, at, now: wall, random }, policy, content, parts);
    ({ state } = result);
    // A request that ended by itself is over for the runtime too.
    if (next.type === 'ended' || next.type === 'loaded') end(next.request);
    const isChecked =
      next.type === 'verified' && next.request === before.load?.request && before.load.after !== undefined;
    if (isChecked) end(next.request);
    if (next.type === 'message' && open.poll.has(next.request)) end(next.request);
    for (const effect of result.effects) {
      if (effect.type === 'cancel') end(effect.request);
      if (effect.type in KINDS && 'request' in effect)
        open[KINDS[effect.type as keyof typeof KINDS]].add(effect.request);
      if (effect.type === 'changed' && next.type !== 'start' && verification !== undefined) {
        if (!isChecked || next.problem !== undefined) broken.add('a state that was not checked');
      }
      if (effect.type === 'timer') timer = effect.at;
      if (effect.type === 'timer' && effect.at !== undefined && effect.at < at) broken.add('a timer in the past');
      if (effect.type === 'ack' && !(effect.lagMs >= 0)) broken.add('a negative lag');
      for (const [kind, requests] of Object.entries(open)) if (requests.size > 1) broken.add(`two requests of ${kind}`);
    }
    const { stream, poll, load, ack, lifecycle } = state;
    const known = { stream: stream?.request, poll, load: load?.request === poll ? undefined : load?.request, ack };
    for (const kind of ['stream', 'poll', 'load'] as const) {
      if ([...open[kind]].join() !== String(known[kind] ?? '')) broken.add(`a request of ${kind} that nobody knows of`);
    }
    if (timer !== state.timerAt) broken.add('a timer nobody knows of');
    if (print(before) !== frozen) broken.add('a state changed in place');
    if (before.olderServer?.epoch !== state.olderServer?.epoch)
      olderSince = before.olderServer && !state.olderServer ? olderSince : at;
    if (next.type !== 'switch' && isOlder(state.held?.position, before.held?.position)) {
      const mayYield =
        verification === undefined &&
        before.source !== 'network' &&
        olderSince !== undefined &&
        at - olderSince >= policy.resyncHold[0];
      if (!mayYield) broken.add('a step back');
    }
    if (next.type === 'switch' && before.lifecycle !== 'closed' && state.held !== next.held)
      broken.add('something else than what was switched to');
    if (before.lifecycle === 'closed' && result.effects.length > 0) broken.add('an effect after close');
    if (lifecycle === 'running' && timer === undefined) broken.add('no way on');
    return result.effects;
  };
  const pass = (ms: number, random: number): void => {
    const until = at + ms;
    let turns = 0;
    while (timer !== undefined && timer <= until) {
      if (++turns > 10_000)
        throw new Error(`a timer that fires for ever: ${JSON.stringify({ ...state, held: state.held?.position })}`);
      const before = at;
      at = Math.max(at, timer);
      wall += at - before;
      put({ type: 'tick' }, random);
    }
    wall += until - at;
    at = until;
  };
  return {
    put,
    pass,
    happen: (next, random) => {
      if ('pass' in next) return pass(next.pass, random);
      if ('set' in next) return void (wall += next.set);
      if ('sleep' in next) {
        wall += next.sleep;
        if (!next.stops) at += next.sleep;
        return pass(0, random);
      }
      const { stream, poll, load } = state;
      const targets = {
        stream: stream?.request,
        poll,
        load: load === undefined || load.request === poll || load.after !== undefined ? undefined : load.request,
        check: load?.after === undefined ? undefined : load.request,
        over: undefined,
      };
      const wanted = next.event.type === 'loaded' ? 'load' : next.event.type === 'verified' ? 'check' : next.of;
      return void put(
        'request' in next.event
          ? {
              ...next.event,
              request: targets[wanted] ?? 0,
            }
          : next.event,
        random,
      );
    },
    state: () => state,
    broken: () => [...broken],
  };
}

function print({ stream, load }: MachineState<Held>): string {
  return JSON.stringify([stream, { ...load, after: load?.after?.position }]);
}

function isOlder(after: Position | undefined, before: Position | undefined): boolean {
  return before !== undefined && (after === undefined || comparePositions(after, before) < 0);
}
