import * as fc from 'fast-check';
import { comparePositions, createRules, createVerifier, INITIAL_STATE, step } from '../src/index.ts';
import type {
  Effect,
  FullSyncRef,
  MachineEvent,
  MachineState,
  Message,
  Policy,
  Position,
  Verification,
} from '../src/index.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';

const EPOCHS = ['e1', 'e2'];

/** An event whose request is chosen when it happens: the stream's, the poll's, or one that is over. */
export type Draft =
  | { readonly of: 'stream' | 'poll' | 'load' | 'over'; readonly event: MachineEvent }
  | { readonly pass: number }
  /** The machine sleeps, with or without its steady clock. */
  | { readonly sleep: number; readonly stops: boolean }
  /** Someone sets the wall clock. */
  | { readonly set: number };

const version = fc.nat(6);
const position = fc.tuple(fc.constantFrom(...EPOCHS), version).map(([epoch, number]): Position => ({
  ...held(number, flagsAt(number), [], epoch).position,
}));
const claimed = fc.oneof(
  position,
  position.map((at) => ({ ...at, hash: 'ffffffff' })),
);

/** What every history here holds at a version. */
export function flagsAt(number: number): ReturnType<typeof flagOf>[] {
  return number === 0 ? [] : [flagOf('a', number, number % 2 === 0)];
}

/** A full sync by reference. */
export function refTo(at: Position): FullSyncRef {
  return { type: 'FULL_SYNC', position: at, reason: '', ref: { url: '/r', bytes: 9, sha256: '0f'.repeat(32) } };
}

const message: fc.Arbitrary<Message> = fc.oneof(
  claimed.map(refTo),
  claimed.map((at): Message => ({
    type: 'FULL_SYNC',
    position: at,
    reason: '',
    ruleset: rulesetJson(at.version, flagsAt(at.version), [], at.epoch),
  })),
  fc.constant<Message>({
    type: 'FULL_SYNC',
    position: { epoch: 'e2', version: 9, hash: '00000000' },
    reason: '',
    ruleset: {},
  }),
  fc.tuple(claimed, claimed).map(([from, to]): Message => ({
    type: 'FLAG_UPDATE',
    from,
    position: to,
    flags: { a: flagOf('a', to.version, true) },
  })),
  fc
    .tuple(claimed, claimed)
    .map(([from, to]): Message => ({ type: 'SEGMENT_UPDATE', from, position: to, segments: {} })),
  fc
    .tuple(claimed, fc.option(fc.constantFrom(1, 1_000, 30_000), { nil: undefined }))
    .map(([at, intervalMs]): Message => ({
      type: 'HEARTBEAT',
      position: at,
      time: 0,
      ...(intervalMs && { intervalMs, stream: 's', ack: true }),
    })),
  fc.record({
    type: fc.constant('GOODBYE' as const),
    reason: fc.constant('drain'),
    windowMs: fc.nat(100_000),
    retry: fc.boolean(),
  }),
);

const request = 0;
const event: fc.Arbitrary<MachineEvent> = fc.oneof(
  { weight: 4, arbitrary: message.map((value): MachineEvent => ({ type: 'message', request, message: value })) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        status: fc.constantFrom(200, 200, 200, 200, 204, 302, 304, 400, 401, 403, 404, 410, 415, 429, 500, 503),
        contentType: fc.constantFrom('text/event-stream', 'application/json', 'text/html', undefined),
        retryAfter: fc.constantFrom(undefined, '3', 'never'),
      })
      .map((head): MachineEvent => ({ type: 'response', request, ...head })),
  },
  fc.constantFrom<MachineEvent[]>(
    { type: 'bytes', request },
    { type: 'malformed', request, problem: 'bad' },
    { type: 'ended', request },
    { type: 'ended', request, problem: 'ECONNRESET' },
    { type: 'tick' },
    { type: 'wake' },
    { type: 'start' },
    { type: 'start', held: held(3, flagsAt(3)), source: 'bootstrap' },
    { type: 'loaded', request, ruleset: {} },
    { type: 'loaded', request, ruleset: { format: 9 } },
    { type: 'verified', request },
    { type: 'verified', request },
    { type: 'verified', request, problem: 'it is not signed' },
  ),
  version.map((number): MachineEvent => ({ type: 'loaded', request, ruleset: rulesetJson(number, flagsAt(number)) })),
);
/** Anything that can happen. */
export const draft: fc.Arbitrary<Draft> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ of: fc.constantFrom('stream', 'stream', 'stream', 'poll', 'load', 'over'), event }),
  },
  { weight: 2, arbitrary: fc.constantFrom(0, 500, 3_000, 20_000, 90_000, 400_000).map((pass) => ({ pass })) },
  fc.record({ sleep: fc.constantFrom(5_000, 60_000, 7_200_000), stops: fc.boolean() }),
  fc.constantFrom(-3_600_000, -1, 1, 3_600_000, -1e13, 1e13).map((set) => ({ set })),
);
/** What a die shows. */
export const chance: fc.Arbitrary<number> = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Ways to begin: with nothing, or with rules of an earlier or of an unknown history. */
export const start: fc.Arbitrary<MachineEvent> = fc.constantFrom<MachineEvent[]>(
  { type: 'start' },
  { type: 'start', held: held(3, flagsAt(3)), source: 'cache' },
  { type: 'start', held: held(3, flagsAt(3), [], 'e9'), source: 'bootstrap' },
);
/** Ways to set a client up. */
export const settings: fc.Arbitrary<Pick<Policy, 'mode' | 'canRefreshKey'>> = fc.record({
  mode: fc.constantFrom<Policy['mode'][]>('stream', 'stream', 'poll'),
  canRefreshKey: fc.boolean(),
});

/** With keys pinned, and without. */
export const verifications: fc.Arbitrary<Verification | undefined> = fc.constantFrom(undefined, verification());

function verification(): Verification {
  const refuse = (): never => {
    throw new Error('The machine itself verifies nothing.');
  };
  return createVerifier({ view: 'server', keys: new Map(), isSigned: refuse, sha256: refuse }).verification;
}

/** What drives a machine and watches, from its effects alone, what is open; as a runtime would see it. */
export interface Watch {
  readonly put: (event: MachineEvent, random: number) => readonly Effect[];
  /** Time passes, and the timer fires whenever it is due. */
  readonly pass: (ms: number, random: number) => void;
  readonly happen: (next: Draft, random: number) => void;
  readonly state: () => MachineState;
  /** The promises that were broken. */
  readonly broken: () => readonly string[];
}

const KINDS = { connect: 'stream', poll: 'poll', load: 'load', verify: 'load', ack: 'ack' } as const;

/** Puts a machine under watch. */
export function createWatch(policy: Policy, verification?: Verification): Watch {
  const open = { stream: new Set<number>(), poll: new Set<number>(), load: new Set<number>(), ack: new Set<number>() };
  const end = (request: number): void => Object.values(open).forEach((requests) => requests.delete(request));
  let timer: number | undefined;
  let at = 0;
  let wall = 1_800_000_000_000;
  /** When a server was first heard to be of an older epoch than what is held. */
  let olderSince: number | undefined;
  let state: MachineState = INITIAL_STATE;
  const content = createRules();
  const broken = new Set<string>();
  const put = (next: MachineEvent, random: number): readonly Effect[] => {
    if (next.type === 'tick') timer = undefined;
    const before = state;
    const frozen = print(before);
    const result = step(before, { ...next, at, now: wall, random }, policy, content, verification);
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
    if (isOlder(state.held?.position, before.held?.position)) {
      const mayYield =
        verification === undefined &&
        before.source !== 'network' &&
        olderSince !== undefined &&
        at - olderSince >= policy.resyncHold[0];
      if (!mayYield) broken.add('a step back');
    }
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

function print({ stream, load }: MachineState): string {
  return JSON.stringify([stream, { ...load, after: load?.after?.position }]);
}

function isOlder(after: Position | undefined, before: Position | undefined): boolean {
  return before !== undefined && (after === undefined || comparePositions(after, before) < 0);
}
