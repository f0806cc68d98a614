import { expect, test } from 'vitest';
import { createVerifier, statusOf } from '../src/index.ts';
import type { HeldState, Message } from '../src/index.ts';
import { accept, delta, fullSync, heartbeat, one, say, two } from './conversation.ts';
import type { Bench } from './machine.ts';
import { createBench, only } from './machine.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';

const never = (): never => {
  throw new Error('The machine itself verifies nothing.');
};
const pins = { view: 'server', keys: new Map<string, string>(), isSigned: never, sha256: never } as const;
const { verification } = createVerifier(pins);
const three: HeldState = held(3, [flagOf('a', 3, false)]);
const toThree: Message = {
  type: 'FLAG_UPDATE',
  from: two.position,
  position: three.position,
  flags: { a: flagOf('a', 3, false) },
};

const four: HeldState = held(4, [flagOf('a', 4, true)]);
const toFour: Message = {
  type: 'FLAG_UPDATE',
  from: three.position,
  position: four.position,
  flags: { a: flagOf('a', 4, true) },
};

/** A client that pins a key and has been told of one: not yet verified. */
function checking(random = 0.5): Bench {
  return say(accept(createBench({}, random, verification).put({ type: 'start' })), fullSync(one));
}
const verdict = (bench: Bench, problem?: string): Bench =>
  bench.put({ type: 'verified', request: bench.state().load?.request ?? 0, problem });
/** One that holds one. */
function live(random?: number): Bench {
  const bench = verdict(checking(random));
  bench.effects();
  return bench;
}
const stream = (bench: Bench, message: Message): Bench =>
  bench.put({ type: 'message', request: bench.state().stream?.request ?? 0, message });
const version = (bench: Bench): number | undefined => bench.state().held?.position.version;

test('nothing is held before it is verified', () => {
  const bench = checking();
  expect(only(bench.effects(), 'verify', 'changed')).toMatchObject([{ type: 'verify', before: undefined }]);
  expect(bench.state().held).toBeUndefined();
  expect(only(verdict(bench).effects(), 'changed')).toHaveLength(1);
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', stale: false, source: 'network' });
});

test('changes wait for the check before them, one check at a time, in order', () => {
  const bench = stream(stream(stream(live(), delta), toThree), toFour);
  expect(only(bench.effects(), 'verify', 'changed')).toMatchObject([
    { type: 'verify', change: { position: { version: 2 } }, before: { position: { version: 1 } } },
  ]);
  expect(only(verdict(bench).effects(), 'verify', 'changed')).toMatchObject([
    { type: 'changed', after: { position: { version: 2 } } },
    { type: 'verify', change: { position: { version: 3 } }, before: { position: { version: 2 } } },
  ]);
  expect(version(verdict(bench))).toBe(3);
  expect(version(verdict(bench))).toBe(4);
});

test('a verdict on a check that is over is no news', () => {
  const bench = stream(live(), delta);
  const { request } = bench.state().load ?? { request: 0 };
  stream(bench, fullSync(three));
  bench.put({ type: 'verified', request });
  expect(version(bench)).toBe(1);
  expect(version(verdict(bench))).toBe(3);
});

test('what was verified last stays after a refusal, and the status says so until something verifies', () => {
  const bench = verdict(stream(live(), delta), 'it is not signed');
  expect(version(bench)).toBe(1);
  expect(statusOf(bench.state())).toMatchObject({ stale: true, reason: 'integrity' });
  expect(statusOf(bench.state()).message).toContain('it is not signed');
  // To be in touch is not to be trusted.
  stream(bench, heartbeat(one.position));
  expect(statusOf(bench.state()).reason).toBe('integrity');
  verdict(stream(bench, delta));
  expect(version(bench)).toBe(2);
  expect(statusOf(bench.state())).toMatchObject({ stale: false, reason: undefined });
});

test.each([0, 0.5, 0.999])(
  'everything is asked for anew, at most once in 2.5 to 7.5 minutes, with the chance %d',
  (random) => {
    const bench = verdict(stream(live(random), delta), 'it was changed on the way');
    const asked: number[] = [];
    for (let second = 0; second < 3_600; second += 1) {
      for (const effect of only(bench.pass(1_000).effects(), 'connect')) {
        asked.push(bench.time());
        expect(effect.position).toBeUndefined();
        say(accept(bench), fullSync(two));
      }
      if (bench.state().load !== undefined) verdict(bench, 'it was changed on the way');
      if (bench.state().stream !== undefined) stream(bench, heartbeat(two.position));
    }
    expect(asked.length).toBeGreaterThan(6);
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    // Seen once a second.
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(149_000);
  },
);

test('so it is when heartbeats between what is refused say that all is well', () => {
  const bench = live(0);
  let asked = 0;
  for (let second = 0; second < 3_600; second += 1) {
    if (bench.state().stream?.stage === 'requested') {
      asked += 1;
      accept(bench);
    }
    if (bench.state().stream !== undefined) stream(stream(bench, heartbeat(one.position)), delta);
    if (bench.state().load !== undefined) verdict(bench, 'it was changed on the way');
    bench.pass(1_000);
  }
  expect(asked).toBeGreaterThan(6);
  expect(asked).toBeLessThanOrEqual(3_600 / 150 + 1);
});

test.each([0, 0.999])('so it is where changes are polled, with the chance %d', (random) => {
  const bench = createBench({ mode: 'poll' }, random, verification).put({ type: 'start' });
  let polls = 0;
  for (let second = 0; second < 3_600; second += 1) {
    const { poll } = bench.state();
    if (poll !== undefined) {
      polls += 1;
      bench.put({ type: 'response', request: poll, status: 200, contentType: 'application/json' });
      bench.put({ type: 'message', request: poll, message: fullSync(two) });
      verdict(bench, 'it is not signed');
    }
    bench.pass(1_000);
  }
  expect(bench.state().held).toBeUndefined();
  expect(polls).toBeGreaterThan(6);
  expect(polls).toBeLessThanOrEqual(3_600 / 150 + 1);
});

test('an old state in the guise of a new one is refused: what was signed counts', () => {
  const bench = verdict(stream(live(), delta));
  const seal = { view: 'server', version: 1, root: '', keyId: '', signature: '' };
  const position = { ...three.position, hash: one.position.hash };
  const ruleset = { ...rulesetJson(3, [flagOf('a', 1, false)]), seals: [seal] };
  verdict(stream(bench, { type: 'FULL_SYNC', position, reason: '', ruleset }));
  expect(version(bench)).toBe(2);
  expect(statusOf(bench.state()).message).toContain('signed before');
});

test('a position that only a heartbeat moved is not taken over, and what follows from it applies', () => {
  const bench = live();
  const later = { ...one.position, version: 7 };
  stream(bench, heartbeat(later));
  expect(version(bench)).toBe(1);
  expect(statusOf(bench.state()).stale).toBe(false);
  const eight = { ...two.position, version: 8 };
  verdict(stream(bench, { ...delta, from: later, position: eight } as Message));
  expect(version(bench)).toBe(8);
});

test('a check that takes for ever is a refusal', () => {
  const bench = stream(live(), delta);
  stream(bench.pass(20_000), heartbeat(one.position));
  stream(bench.pass(20_000), heartbeat(one.position)).pass(30_000);
  expect(statusOf(bench.state()).reason).toBe('integrity');
  expect(version(bench)).toBe(1);
});

test('a newer state that its origin signed gives way to no older epoch, however long it is served', () => {
  const bench = createBench({}, 0.5, verification);
  bench.put({ type: 'start', held: held(3, [flagOf('a', 3, false)], [], 'e9'), source: 'cache' });
  for (let minute = 0; minute < 20; minute += 1) {
    if (bench.state().stream?.stage === 'requested') say(accept(bench), fullSync(two));
    stream(bench, heartbeat(two.position));
    verdict(bench.pass(20_000));
    bench.pass(20_000);
  }
  expect(bench.state().held?.position.epoch).toBe('e9');
});
