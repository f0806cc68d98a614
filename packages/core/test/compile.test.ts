import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileRuleset,
  type CompiledRuleset,
  evaluate,
  evaluateAll,
  nextChangeAt,
  problemOf,
  type Resolution,
  type Ruleset,
} from '../src/index.ts';
import { contextArbitrary } from './arbitrary/context.ts';
import { bucketers, rulesetArbitrary } from './arbitrary/ruleset.ts';
import { type Entry, flagOf, flagServing, flagWhen, NOW, rulesetOf, segmentOf, splitOf } from './build.ts';

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withObjectString: true,
  maxDepth: 4,
});
const junk = fc.oneof(anything, fc.jsonValue(), fc.constantFrom<unknown>('', 0, -1, null, undefined, [], {}, 'on'));

const throwing = (): never => {
  throw new Error('no');
};
const hostile = new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing, getOwnPropertyDescriptor: throwing });

/** Asks everything there is to ask, and gives the answers: nothing of it may throw. */
function readAll(compiled: CompiledRuleset, context: unknown): readonly Resolution<unknown>[] {
  nextChangeAt(compiled, NOW);
  nextChangeAt(compiled, NOW, context as never);
  const all = Object.values(evaluateAll(compiled, context as never, NOW));
  evaluateAll(compiled, context as never, NOW, { client: true });
  const single = [...compiled.flags.keys(), 'gone', '__proto__'].map((key) => {
    const answer = evaluate<unknown>(compiled, key, context as never, 'mine', NOW);
    if (problemOf(compiled, key) !== undefined)
      expect(answer).toMatchObject({ value: 'mine', errorCode: 'PARSE_ERROR' });
    return answer;
  });
  return [...all, ...single];
}

describe('a document that is no ruleset', () => {
  it.each<readonly [what: string, json: unknown, invalid: string]>([
    ['nothing', undefined, 'FORMAT'],
    ['null', null, 'FORMAT'],
    ['a list', [], 'FORMAT'],
    ['text', '{}', 'FORMAT'],
    ['another format', { ...rulesetOf([]), format: 2 }, 'FORMAT'],
    ['a format in words', { ...rulesetOf([]), format: '1' }, 'FORMAT'],
    ['no version', { ...rulesetOf([]), version: undefined }, 'TYPE'],
    ['a fraction as version', { ...rulesetOf([]), version: 1.5 }, 'TYPE'],
    ['no epoch', { ...rulesetOf([]), epoch: 5 }, 'TYPE'],
    ['a list of flags', { ...rulesetOf([]), flags: [] }, 'TYPE'],
    ['segments in words', { ...rulesetOf([]), segments: 'none' }, 'TYPE'],
    ['one that throws', hostile, 'FORMAT'],
    ['one whose flags throw', { ...rulesetOf([]), flags: hostile }, 'FORMAT'],
  ])('has no flags and says why: %s', (_, json, invalid) => {
    const compiled = compileRuleset(json);
    expect(compiled).toMatchObject({ invalid, version: 0, epoch: '' });
    expect(compiled.flags.size).toBe(0);
    expect(evaluate(compiled, 'f', {}, 1, NOW)).toMatchObject({ value: 1, errorCode: 'FLAG_NOT_FOUND' });
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(junk, fc.dictionary(fc.string(), junk), junk, (json, members, context) => {
        readAll(compileRuleset(json), context);
        readAll(compileRuleset({ ...rulesetOf([]), ...members }), context);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an entry that is anything', () => {
  const flag = {
    ...flagOf({
      prerequisites: [{ flag: 'g', variations: ['on'] }],
      targets: [{ variation: 'on', keys: ['ann'], by: 'id' }],
      rules: [
        {
          id: 'r',
          when: { all: [{ attr: 'x', op: 'eq', values: [1] }, { segment: 's' }] },
          serve: { variation: 'on' },
        },
        { id: 't', when: { bucket: { salt: 's', from: 0, to: 5 } }, serve: splitOf(3) },
        { id: 'w', when: { time: { days: [1], start: 1, end: 2, offsets: [[0, 60]] } }, serve: splitOf(4) },
      ],
      fallthrough: { progress: { from: 'off', to: 'on', points: [['2026-01-01T00:00:00Z', 5]] } },
      salt: 'x',
      client: true,
      requires: ['rules'],
      metadata: { team: 'x' },
    }),
  };

  it('is set aside when a list in it has a hole, which no JSON has', () => {
    const hole = Array<unknown>(1);
    const flags = { f: flagOf({ key: 'f', rules: hole }), g: flagWhen({ all: hole }, { key: 'g' }) };
    const compiled = compileRuleset({ ...rulesetOf([]), flags });
    expect([problemOf(compiled, 'f'), problemOf(compiled, 'g')]).toEqual(['TYPE', 'TYPE']);
    expect(nextChangeAt(compiled, 0)).toBeUndefined();
  });

  it('never throws, at any member of a flag or segment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(flag)),
        fc.constantFrom('key', 'version', 'digest', 'include', 'exclude', 'rules', 'by', 'client', 'external', 'more'),
        junk,
        junk,
        (member, other, value, context) => {
          const segments = { s: { ...segmentOf({ include: ['ann'] }), [other]: value } };
          const flags = { f: { ...flag, [member]: value }, g: flagOf({ key: 'g' }), h: value };
          readAll(compileRuleset({ ...rulesetOf([]), flags, segments }), context);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsIn(member, [...path, key]))];
}

/** A copy in which something else stands at the path; `remove` takes the member away. */
function replace(value: unknown, [key, ...rest]: Path, other: unknown, remove: boolean): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    const list = value as readonly unknown[];
    if (remove && rest.length === 0) return list.filter((_, index) => index !== Number(key));
    return list.map((item, index) => (index === Number(key) ? replace(item, rest, other, remove) : item));
  }
  const entries = Object.entries(value as Entry);
  const kept = remove && rest.length === 0 ? entries.filter(([name]) => name !== key) : entries;
  return Object.fromEntries(
    kept.map(([name, item]) => [name, name === key ? replace(item, rest, other, remove) : item]),
  );
}

const dependsOn = (ruleset: Ruleset, key: string): boolean =>
  JSON.stringify(ruleset.flags).includes(`"flag":${JSON.stringify(key)}`);

describe('a ruleset that has been tampered with', () => {
  it('never throws, and a change in one flag leaves those alone that do not ask for it', () => {
    fc.assert(
      fc.property(
        rulesetArbitrary,
        fc.nat(),
        junk,
        fc.boolean(),
        contextArbitrary,
        (ruleset, at, other, remove, context) => {
          const paths = pathsIn(ruleset.flags).filter((path) => path.length > 1);
          const path = paths[at % paths.length] ?? [];
          const flags = replace(ruleset.flags, path, other, remove);
          const before = compileRuleset(ruleset, { bucketers });
          const after = compileRuleset({ ...ruleset, flags }, { bucketers });
          readAll(after, context);
          const [touched] = path;
          if (dependsOn(ruleset, String(touched))) return;
          for (const key of Object.keys(ruleset.flags).filter((each) => each !== touched)) {
            const answer = evaluate(after, key, context, null, NOW);
            expect(answer).toStrictEqual(evaluate(before, key, context, null, NOW));
            expect(problemOf(after, key)).toBe(problemOf(before, key));
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is broken in that flag when it was changed into what no flag can be', () => {
    const flag = flagWhen({ all: [{ attr: 'x', op: 'eq', values: [1] }] });
    for (const path of pathsIn(flag).filter((each) => each.length > 0)) {
      const broken = replace(flag, path, Symbol('none'), false) as Entry;
      const { errorCode } = evaluate(compileRuleset({ ...rulesetOf([]), flags: { f: broken } }), 'f', {}, null, NOW);
      expect(errorCode).toBe('PARSE_ERROR');
    }
  });
});

describe('a context that is anything', () => {
  const flags = [
    flagWhen({ attr: 'x', op: 'eq', values: ['a'], as: 'string' }),
    flagWhen({ attr: 'x.y', op: 'exists' }, { key: 'path' }),
    flagWhen({ segment: 's' }, { key: 'segment' }),
    flagServing(splitOf(50_000, { sticky: 'x' }), { key: 'split' }),
    flagOf({ key: 'target', targets: [{ variation: 'on', keys: ['a'] }] }),
    flagOf({ key: 'static' }),
  ];
  const compiled = compileRuleset(
    rulesetOf(flags, [segmentOf({ include: ['a'], rules: [{ attr: 'x', op: 'exists' }] })]),
  );

  it('never makes a read throw', () => {
    fc.assert(
      fc.property(fc.oneof(junk, fc.record({ x: junk, targetingKey: junk })), (context) => {
        for (const { reason, errorCode } of readAll(compiled, context))
          expect(reason === 'ERROR').toBe(Boolean(errorCode));
      }),
      { numRuns: 500 },
    );
  });

  it.each<readonly [what: string, context: unknown]>([
    ['a proxy that throws', hostile],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    ],
    [
      'a getter that throws',
      {
        get x() {
          return throwing();
        },
        get targetingKey() {
          return throwing();
        },
      },
    ],
    ['a value that throws', { x: hostile, targetingKey: hostile }],
    ['a date that is none', { x: { [Symbol.toStringTag]: 'Date' } }],
  ])('gives GENERAL for what throws inside: %s', (_, context) => {
    const answers = readAll(compiled, context);
    expect(answers.some(({ errorCode }) => errorCode === 'GENERAL')).toBe(true);
    expect(evaluate(compiled, 'static', context as never, null, NOW).errorCode).toBeUndefined();
  });

  it.each([undefined, null, {}])('is GENERAL and never a crash when the ruleset is %s', (ruleset) => {
    expect(evaluate(ruleset as never, 'f', {}, 'default', 0)).toMatchObject({ value: 'default', errorCode: 'GENERAL' });
  });

  it.each([null, undefined])('is INVALID_CONTEXT when it is %s and the flag asks for it', (context) => {
    for (const key of ['f', 'split', 'target', 'segment', 'path']) {
      const answer = evaluate(compiled, key, context as never, true, NOW);
      expect(answer).toMatchObject({ value: true, errorCode: 'INVALID_CONTEXT', version: 7 });
    }
    expect(evaluate(compiled, 'static', context as never, null, NOW)).toMatchObject({ value: false, reason: 'STATIC' });
  });

  it.each([0, 'text', true, 1n, Symbol('s'), () => 1])('has no attributes when it is no object', (context) => {
    expect(evaluate(compiled, 'split', context as never, null, NOW).errorCode).toBe('TARGETING_KEY_MISSING');
    expect(evaluate(compiled, 'f', context as never, null, NOW).variant).toBe('off');
  });
});

describe('a read on a full stack', () => {
  it('breaks no flag for later', () => {
    const segments = Array.from({ length: 8 }, (_, index) =>
      segmentOf({ key: `s${index}`, rules: [index < 7 ? { segment: `s${index + 1}` } : { all: [] }] }),
    );
    const compiled = compileRuleset(rulesetOf([flagWhen({ segment: 's0' })], segments));
    const dig = (): void => {
      try {
        dig();
      } catch {
        // Here and in the callers there is ever more room on the stack.
      }
      if (compiled.flags.ready[0] === undefined) evaluate(compiled, 'f', {}, null, NOW);
    };
    expect(dig).not.toThrow();
    expect(evaluate(compiled, 'f', {}, null, NOW)).toMatchObject({ variant: 'on', errorCode: undefined });
  });
});
