import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePositions, DEFAULT_POLICY, INITIAL_STATE, statusOf, step } from '../src/index.ts';
import type { Effect, MachineEvent, MachineState, Message, Policy, Position } from '../src/index.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';

const EPOCHS = ['e1', 'e2'];

/** An event whose request is chosen when it happens: the stream's, the poll's, or one that is over. */
type Draft = { readonly of: 'stream' | 'poll' | 'over'; readonly event: MachineEvent } | { readonly pass: number };

const version = fc.nat(6);
const position = fc.tuple(fc.constantFrom(...EPOCHS), version).map(([epoch, number]): Position => ({
  ...held(number, flagsAt(number), [], epoch).position,
}));
const claimed = fc.oneof(
  position,
  position.map((at) => ({ ...at, hash: 'ffffffff' })),
);

function flagsAt(number: number): ReturnType<typeof flagOf>[] {
  return number === 0 ? [] : [flagOf('a', number, number % 2 === 0)];
}

const message: fc.Arbitrary<Message> = fc.oneof(
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
      ...(intervalMs && { intervalMs }),
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
    { type: 'start' },
    { type: 'start', held: held(3, flagsAt(3)), source: 'bootstrap' },
  ),
);
const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ of: fc.constantFrom('stream', 'stream', 'stream', 'poll', 'over'), event }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 500, 3_000, 20_000, 90_000, 400_000).map((pass) => ({ pass })) },
);
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const settings = fc.record({
  mode: fc.constantFrom<Policy['mode'][]>('stream', 'stream', 'poll'),
  canRefreshKey: fc.boolean(),
});

/** Drives a machine and watches, from its effects alone, what is open; as a runtime would see it. */
function createWatch(policy: Policy): {
  put: (event: MachineEvent, random: number) => readonly Effect[];
  pass: (ms: number, random: number) => void;
  state: () => MachineState;
  /** The promises that were broken. */
  broken: () => readonly string[];
} {
  const streams = new Set<number>();
  const polls = new Set<number>();
  let timer: number | undefined;
  let at = 0;
  let state = INITIAL_STATE;
  const broken = new Set<string>();
  const put = (next: MachineEvent, random: number): readonly Effect[] => {
    if (next.type === 'tick') timer = undefined;
    const before = state;
    const frozen = JSON.stringify(before.stream);
    const result = step(before, { ...next, at, now: at, random }, policy);
    ({ state } = result);
    // A request that ended by itself is over for the runtime too.
    if (next.type === 'ended' || (next.type === 'message' && polls.has(next.request))) {
      streams.delete(next.request);
      polls.delete(next.request);
    }
    for (const effect of result.effects) {
      if (effect.type === 'cancel') {
        streams.delete(effect.request);
        polls.delete(effect.request);
      }
      if (effect.type === 'connect') streams.add(effect.request);
      if (effect.type === 'poll') polls.add(effect.request);
      if (effect.type === 'timer') timer = effect.at;
      if (streams.size > 1) broken.add('two streams');
      if (polls.size > 1) broken.add('two polls');
    }
    const { stream, poll, lifecycle } = state;
    if ([...streams].join() !== String(stream?.request ?? '')) broken.add('a stream nobody knows of');
    if ([...polls].join() !== String(poll ?? '')) broken.add('a poll nobody knows of');
    if (timer !== state.timerAt) broken.add('a timer nobody knows of');
    if (JSON.stringify(before.stream) !== frozen) broken.add('a state changed in place');
    if (isOlder(state.held?.position, before.held?.position)) broken.add('a step back');
    if (before.lifecycle === 'closed' && result.effects.length > 0) broken.add('an effect after close');
    if (lifecycle === 'running' && timer === undefined) broken.add('no way on');
    return result.effects;
  };
  return {
    put,
    pass: (ms, random) => {
      const until = at + ms;
      while (timer !== undefined && timer <= until) {
        at = Math.max(at, timer);
        put({ type: 'tick' }, random);
      }
      at = until;
    },
    state: () => state,
    broken: () => [...broken],
  };
}

function isOlder(after: Position | undefined, before: Position | undefined): boolean {
  return before !== undefined && (after === undefined || comparePositions(after, before) < 0);
}

function happen(watch: ReturnType<typeof createWatch>, next: Draft, random: number): void {
  if ('pass' in next) return watch.pass(next.pass, random);
  const { stream, poll } = watch.state();
  const target = next.of === 'stream' ? stream?.request : next.of === 'poll' ? poll : undefined;
  const aimed = 'request' in next.event ? { ...next.event, request: target ?? 0 } : next.event;
  watch.put(aimed, random);
  return undefined;
}

test('whatever happens: one stream, one poll, one timer, no step back, and a way on', () => {
  fc.assert(
    fc.property(settings, fc.array(fc.tuple(draft, chance), { maxLength: 60 }), (more, happenings) => {
      const watch = createWatch({ ...DEFAULT_POLICY, ...more });
      watch.put({ type: 'start' }, 0.5);
      for (const [next, random] of happenings) happen(watch, next, random);
      expect(watch.broken()).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('whatever happened, a server that works again makes the client live', () => {
  fc.assert(
    fc.property(settings, fc.array(fc.tuple(draft, chance), { maxLength: 40 }), (more, happenings) => {
      const watch = createWatch({ ...DEFAULT_POLICY, ...more });
      watch.put({ type: 'start' }, 0.5);
      for (const [next, random] of happenings) happen(watch, next, random);
      const head = held(9, flagsAt(9), [], 'e3');
      const sync: Message = {
        type: 'FULL_SYNC',
        position: head.position,
        reason: '',
        ruleset: rulesetJson(9, flagsAt(9), [], 'e3'),
      };
      const serve = (): void => {
        const { stream, poll } = watch.state();
        if (stream?.stage === 'requested') {
          watch.put({ type: 'response', request: stream.request, status: 200, contentType: 'text/event-stream' }, 0.5);
        }
        if (stream !== undefined && watch.state().stream?.request === stream.request) {
          watch.put({ type: 'message', request: stream.request, message: sync }, 0.5);
          watch.put(
            {
              type: 'message',
              request: stream.request,
              message: { type: 'HEARTBEAT', position: head.position, time: 0 },
            },
            0.5,
          );
        }
        if (poll !== undefined) {
          watch.put({ type: 'response', request: poll, status: 200, contentType: 'application/json' }, 0.5);
          watch.put({ type: 'message', request: poll, message: sync }, 0.5);
        }
      };
      // Long enough for the rarest attempt, which comes after at most an hour and a fifth.
      for (let waited = 0; waited < 5_000_000; waited += 10_000) {
        serve();
        watch.pass(10_000, 0.5);
      }
      expect(statusOf(watch.state())).toMatchObject({
        state: more.mode === 'poll' ? 'polling' : 'live',
        stale: false,
        drift: false,
        reason: undefined,
      });
      expect(watch.state().held?.position).toEqual(head.position);
    }),
    { numRuns: 60 },
  );
});

test('after close nothing is open and nothing follows', () => {
  fc.assert(
    fc.property(
      settings,
      fc.array(draft, { maxLength: 30 }),
      fc.array(draft, { maxLength: 10 }),
      (more, before, after) => {
        const watch = createWatch({ ...DEFAULT_POLICY, ...more });
        watch.put({ type: 'start' }, 0.5);
        for (const next of before) happen(watch, next, 0.5);
        watch.put({ type: 'close' }, 0.5);
        expect(watch.state()).toMatchObject({ stream: undefined, poll: undefined, timerAt: undefined });
        for (const next of after) happen(watch, next, 0.5);
        expect(watch.broken()).toEqual([]);
      },
    ),
  );
});
