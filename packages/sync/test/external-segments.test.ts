import type { EvaluationContext } from '@flags/core';
import { evaluate } from '@flags/core';
import { expect, test } from 'vitest';
import { createBootstrap, externalSegments, fingerprintOf, isFlagsError, withoutSegments } from '../src/index.ts';
import type { LookUpSegments } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { compiled, flagOf } from './rulesets.ts';
import { external, inSegment, rules, segmentsOf, setup, user } from './segments.ts';

test('a context gets the external segments that hold, asked for once for each unit it has', async () => {
  const { asked, read } = setup();
  const context = { targetingKey: 'ann', org: { id: 7 }, plan: 'pro' };
  const prepared = await read(context);
  expect(prepared).toEqual({ ...context, $segments: ['beta'] });
  expect(asked).toEqual([
    { by: 'targetingKey', unit: 'ann', segments: ['beta', 'gold'] },
    { by: 'org.id', unit: '7', segments: ['acme'] },
  ]);
  expect(evaluate(rules, 'a', prepared, false, 0).value).toBe(true);
  expect(evaluate(rules, 'b', prepared, true, 0).value).toBe(false);
});

test('nothing is asked where no flag depends on an external segment, or the context has no unit', async () => {
  const { asked, segments } = setup();
  const none = compiled(1, [flagOf('a', 1, true)], [external('beta')]);
  expect(segments.resolve(none, user)).toBe(user);
  const nobody = { plan: 'pro' };
  expect(segments.resolve(rules, nobody)).toBe(nobody);
  expect(asked).toEqual([]);
});

test('flags that are named decide whether anything is asked', async () => {
  const { asked, segments } = setup();
  const more = compiled(1, [inSegment('a', 'beta'), flagOf('plain', 1, true)], [external('beta')]);
  expect(segments.resolve(more, user, { flags: ['plain'] })).toBe(user);
  expect(await segments.resolve(more, user, { flags: ['a', 'plain'] })).toMatchObject({ $segments: ['beta'] });
  expect(asked).toHaveLength(1);
});

test('what the caller says itself stays, and is told once', async () => {
  const { read } = setup();
  expect(segmentsOf(await read({ targetingKey: 'ann', $segments: ['own', 'beta'] }))).toEqual(['own', 'beta']);
  expect(segmentsOf(await read({ targetingKey: 'ann', $segments: 'own' }))).toEqual(['own', 'beta']);
  const again = await read(await read());
  expect(segmentsOf(again)).toEqual(['beta']);
});

test('what was not asked for is not believed, and units that cannot be ids are not asked for', async () => {
  const bench = setup();
  bench.answer = () => new Set(['admins', 'gold', 7 as never]);
  expect(segmentsOf(await bench.read())).toEqual(['gold']);
  for (const unit of ['x'.repeat(513), 'ann\0', 'ann\r\nbob', '\u007f', 'half \ud83d'])
    expect(await bench.read({ targetingKey: unit })).toMatchObject({ $unresolved: ['beta', 'gold'] });
  expect(bench.asked).toHaveLength(1);
  await bench.read({ targetingKey: 'grün 😀' });
  expect(bench.asked).toHaveLength(2);
});

test('attributes and units that read alike are not taken for one another', async () => {
  const bench = setup();
  const odd = compiled(1, [inSegment('a', 'x'), inSegment('b', 'y')], [external('x', 'a'), external('y', 'b')]);
  bench.answer = ({ by }) => (by === 'a' ? ['x'] : []);
  for (let time = 0; time < 2; time += 1) {
    expect(segmentsOf(await bench.read({ a: 'u', b: 'u' }, odd))).toEqual(['x']);
  }
  expect(bench.asked).toHaveLength(2);
});

test('a context that cannot be copied is left as it is', async () => {
  const { read } = setup();
  const hostile = Object.defineProperty({ targetingKey: 'ann' }, 'trap', {
    enumerable: true,
    get: () => {
      throw new Error('a trap');
    },
  });
  expect(await read(hostile)).toBe(hostile);
  expect(await read(hostile)).toBe(hostile);
});

test('`__proto__` is an ordinary name, of units, attributes and segments', async () => {
  const bench = setup();
  const odd = compiled(1, [inSegment('a', '__proto__')], [external('__proto__')]);
  bench.answer = ({ segments }) => segments;
  const context = JSON.parse('{ "targetingKey": "__proto__", "__proto__": { "x": 1 } }') as EvaluationContext;
  const prepared = await bench.read(context, odd);
  expect(Object.getPrototypeOf(prepared)).toBe(Object.prototype);
  expect(JSON.stringify(prepared)).toBe('{"targetingKey":"__proto__","__proto__":{"x":1},"$segments":["__proto__"]}');
});

test('a page gets values for the context that it has itself, which knows no segments', async () => {
  const { read } = setup();
  const bootstrap = createBootstrap(rules, await read(await read()), 0);
  expect(bootstrap).toMatchObject({ flags: { a: { value: true } }, context: fingerprintOf(user) });
});

test('what only those may say who look segments up can be taken out', () => {
  expect(withoutSegments({ targetingKey: 'ann', $segments: ['beta'], $unresolved: ['x'] })).toEqual(user);
  expect(withoutSegments(user)).toBe(user);
});

test.each([
  ['function', undefined, {}],
  ['maxUnits', () => [], { maxUnits: 0 }],
  ['ttlMs', () => [], { ttlMs: Number.NaN }],
  ['timeoutMs', () => [], { timeoutMs: Infinity }],
])('a wrong %s is refused at once', (what, lookUp, options) => {
  let error: unknown;
  try {
    externalSegments(lookUp as LookUpSegments, options);
  } catch (thrown) {
    error = thrown;
  }
  expect(isFlagsError(error) && error.code).toBe('INVALID_OPTION');
  expect(String(error)).toContain(what);
});

test('a logger or an observer is not needed', async () => {
  const lookUp: LookUpSegments = () => Promise.reject(new Error('down'));
  const segments = externalSegments(lookUp)({ clock: createFakeClock(), random: () => 0 });
  expect(await segments.resolve(rules, user)).toMatchObject({ $unresolved: ['beta', 'gold'] });
});
