import type { Condition, EvaluationContext, Flag } from '@flags/core';
import type { FlagReading, Position } from '@flags/sync';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Alarm } from '../src/alarm.ts';
import { createEnvironment } from '../src/environment.ts';
import type { Evaluator } from '../src/evaluator.ts';
import { createEvaluator } from '../src/evaluator.ts';
import { createValueFeeds } from '../src/value-feeds.ts';
import { flag, ruleset, segment } from './ruleset.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const KEYS = ['a', 'b', 'c', 'd'];
const SEGMENTS = ['s', 't'];

const conditionOf = fc.oneof<fc.Arbitrary<Condition>[]>(
  fc.constantFrom(...SEGMENTS).map((name) => ({ segment: name })),
  fc.integer({ min: -5, max: 20 }).map((second) => ({
    time: { from: new Date(START + second * 1_000).toISOString() },
  })),
  fc.constant({ attr: 'plan', op: 'eq', values: ['pro'] }),
);
const flagOf = fc.record({
  client: fc.constantFrom<(boolean | 'evaluated')[]>(true, 'evaluated', false),
  enabled: fc.integer({ min: 0, max: 4 }).map((one) => one > 0),
  when: conditionOf,
  needs: fc.option(fc.constantFrom(...KEYS), { freq: 1 }),
  isBroken: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
});
type FlagPlan = typeof flagOf extends fc.Arbitrary<infer Plan> ? Plan : never;
// Not asked after a commit: a reader that is slow.
const isAsked = fc.integer({ min: 0, max: 3 }).map((one) => one > 0);
const stepOf = fc.oneof(
  fc.record({ kind: fc.constant('flag' as const), key: fc.constantFrom(...KEYS), to: fc.option(flagOf), isAsked }),
  fc.record({
    kind: fc.constant('segment' as const),
    key: fc.constantFrom(...SEGMENTS),
    include: fc.option(fc.subarray(['u', 'v'])),
    isAsked,
  }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
);

const noAlarm: Alarm = { set: () => {}, stop: () => {} };

function flagFrom(key: string, version: number, to: FlagPlan): Flag {
  return flag(key, version, {
    client: to.client,
    enabled: to.enabled,
    rules: [{ id: 'r', when: to.when, serve: { variation: 'on' } }],
    fallthrough: { variation: 'off' },
    ...(to.needs === null ? {} : { prerequisites: [{ flag: to.needs, variations: ['on'] }] }),
    ...(to.isBroken ? { off: 'nowhere' } : {}),
  });
}

/** What a stream opened now would be given. */
function fresh(evaluator: Evaluator, now: number, context: EvaluationContext): Record<string, unknown> {
  const feed = createValueFeeds(evaluator, noAlarm, { now: () => now }).open('client', context);
  const answer = feed.answer(undefined);
  if (answer.kind !== 'message' || answer.message.type !== 'VALUES') throw new Error('no values');
  return { hash: answer.message.position.hash, values: withoutVersions(answer.message.values) };
}

function withoutVersions(values: Readonly<Record<string, FlagReading | null>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, reading]) => {
      const { version: _, ...rest } = reading ?? {};
      return [key, rest];
    }),
  );
}

it('a stream that asks whenever it likes holds what a new one would be given', () => {
  const contextOf = fc.record({ targetingKey: fc.constantFrom('u', 'v'), plan: fc.constantFrom('pro', 'free') });
  fc.assert(
    fc.property(contextOf, fc.array(stepOf, { maxLength: 25, size: 'max' }), (context, steps) => {
      const environment = createEnvironment();
      const evaluator = createEvaluator(environment);
      environment.replace(ruleset(1, [flag('a', 1, { client: true })], [segment('s', 1, { include: ['u'] })]));
      let [now, version] = [START, 1];
      let due = Infinity;
      const alarm: Alarm = {
        set: (at) => {
          due = Math.min(due, at);
        },
        stop: () => {},
      };
      const feed = createValueFeeds(evaluator, alarm, { now: () => now }).open('client', context);
      const held: Record<string, FlagReading> = Object.create(null) as Record<string, FlagReading>;
      let position: Position | undefined;
      const ask = (): void => {
        const answer = feed.answer(position);
        expect(answer.kind).not.toBe('behind');
        if (answer.kind !== 'message' || answer.message.type !== 'VALUES') return;
        const { from, values } = answer.message;
        expect(from).toEqual(position);
        position = answer.message.position;
        for (const [key, reading] of Object.entries(values)) {
          if (reading === null) delete held[key];
          else held[key] = reading;
        }
      };
      ask();
      for (const step of steps) {
        if (step.kind === 'wait') {
          now += step.ms;
          // As the alarm does for all.
          if (now >= due) {
            due = Infinity;
            ask();
          }
        } else {
          version += 1;
          const entry =
            step.kind === 'flag'
              ? { flags: { [step.key]: step.to === null ? null : flagFrom(step.key, version, step.to) } }
              : {
                  segments: {
                    [step.key]: step.include === null ? null : segment(step.key, version, { include: step.include }),
                  },
                };
          const outcome = environment.apply({ version, ...entry });
          if (outcome.kind === 'committed') evaluator.changed(outcome.commit.changed);
          if (step.isAsked) ask();
        }
      }
      ask();
      expect({ hash: feed.position.hash, values: withoutVersions(held) }).toEqual(fresh(evaluator, now, context));
      expect(feed.position.version).toBe(version);
    }),
    { numRuns: 300 },
  );
});

it('a new history sends all values anew', () => {
  const environment = createEnvironment();
  const evaluator = createEvaluator(environment);
  environment.replace(ruleset(1, [flag('a'), flag('b')]));
  const feed = createValueFeeds(evaluator, noAlarm).open('server', {});
  const first = feed.answer(undefined);
  if (first.kind !== 'message') throw new Error('no values');
  const outcome = environment.replace(
    ruleset(1, [flag('a'), flag('b', 1, { enabled: false })], [], '02zzzzzzzzzzzzzz'),
  );
  if (outcome.kind === 'committed') evaluator.changed(outcome.commit.changed);
  const second = feed.answer(first.message.position);
  expect(second).toMatchObject({ message: { type: 'VALUES', values: { a: {}, b: { reason: 'DISABLED' } } } });
  expect(second).not.toHaveProperty('message.from');
});
