import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, CaseAnswers, FuzzCase } from '../src/fuzz/case.ts';
import { compare } from '../src/fuzz/compare.ts';
import { OPERATORS } from '../src/fuzz/oracle/clause.ts';
import type { ProgramResult } from '../src/fuzz/program.ts';
import { run } from '../src/fuzz/program.ts';
import { BATCH, describeFinding, runFuzz } from '../src/fuzz/run.ts';
import type { Started } from '../src/fuzz/start.ts';
import { startAnswerers } from '../src/fuzz/start.ts';
import { readPlain, readText, THROWING, writeText } from '../src/fuzz/text.ts';

const here = { call: async (input: unknown): Promise<unknown> => run(input as readonly string[]) };
const MINUTE = 60_000;

const REASONS = ['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED', 'PREREQUISITE_FAILED', 'ERROR'];
const CODES = ['FLAG_NOT_FOUND', 'PARSE_ERROR', 'TYPE_MISMATCH', 'TARGETING_KEY_MISSING', 'INVALID_CONTEXT', 'GENERAL'];
const LEAVES = ['segment', 'time', 'bucket', 'all', 'any', ...OPERATORS.map((op) => `op ${op}`)];
const COERCIONS = {
  string: ['eq', 'in', 'contains', 'startsWith', 'endsWith', 'matches', 'cidr'],
  number: ['eq', 'in', 'lt', 'lte', 'gt', 'gte'],
  date: ['eq', 'in', 'lt', 'lte', 'gt', 'gte', 'before', 'after'],
  version: ['eq', 'in', 'lt', 'lte', 'gt', 'gte', 'verEq', 'verLt', 'verLte', 'verGt', 'verGte'],
};

/** What a fuzz has to come across, or it is one of defaults. */
const WANTED: readonly string[] = [
  ...REASONS.map((reason) => `reason ${reason}`),
  ...CODES.map((code) => `error ${code}`),
  ...['FLAG_NOT_FOUND', 'PARSE_ERROR', 'TARGETING_KEY_MISSING'].map((code) => `error ${code} of a prerequisite`),
  ...LEAVES.flatMap((leaf) => [`${leaf} holds`, `${leaf} fails`]),
  ...['segment', 'time', 'bucket', 'all', 'any'].flatMap((leaf) => [`not ${leaf} holds`, `not ${leaf} fails`]),
  ...OPERATORS.filter((op) => op !== 'exists').map((op) => `op ${op} missing`),
  ...Object.entries(COERCIONS).flatMap(([as, ops]) => ops.map((op) => `as ${as} in ${op}`)),
  ...['eq', 'in', 'contains', 'startsWith', 'endsWith', 'matches'].map((op) => `ignoreCase in ${op}`),
  'ifMissing true holds',
  'not ifMissing true holds',
  'ifMissing false fails',
  'not ifMissing false fails',
  'segment excludes',
  'segment includes',
  'segment rules true',
  'segment rules false',
  'segment external true',
  'segment external false',
  'time with offsets',
  'time over midnight',
  'bucket without a unit',
  'progress true',
  'progress false',
  'split',
  'split sticks',
  'split of an experiment',
  'split by another hash',
  'target',
  'prerequisite met',
];

describe('random flags', () => {
  test('reach every reason, error code, operator and kind of condition, and core answers as the oracle does', async () => {
    const coverage = new Map<string, number>();
    const notice = (what: string): void => void coverage.set(what, (coverage.get(what) ?? 0) + 1);
    const options = { seed: 1, ms: MINUTE, cases: 700, shrinkMs: 1_000 };
    const { finding } = await runFuzz(options, { programs: new Map([['here', here]]), notice });
    expect(finding && describeFinding(finding)).toBeUndefined();
    expect(WANTED.filter((what) => !coverage.has(what))).toEqual([]);
    expect([...coverage.keys()].filter((what) => /^(reason|error)/.test(what)).toSorted()).toEqual(
      WANTED.filter((what) => /^(reason|error)/.test(what)).toSorted(),
    );
  });
});

describe('runtimes and a relay', () => {
  let everyone: Started;
  beforeAll(async () => {
    everyone = await startAnswerers();
  }, MINUTE);
  afterAll(() => everyone?.close());

  // Another one each time: what it finds is in the message, and comes again with `npm run fuzz -- --seed …`.
  const seed = Date.now() % 2 ** 31;
  // What it found stands, however the next try would end.
  test(`answer random flags alike (npm run fuzz -- --seed ${seed})`, { retry: 0 }, async () => {
    const { finding, cases } = await runFuzz({ seed, ms: 6_000, shrinkMs: 20_000 }, everyone);
    expect(finding && describeFinding(finding)).toBeUndefined();
    expect(cases).toBeGreaterThanOrEqual(BATCH);
  });
});

/** A runtime that is wrong in what it says of buckets behind a rule. */
async function lie(input: unknown): Promise<unknown> {
  return run(input as readonly string[]).map(({ text, problems }): ProgramResult => {
    const { answers, next } = readText(text) as CaseAnswers;
    const isLie = ([, , , reason, ruleId]: Answer): boolean => reason === 'SPLIT' && ruleId !== null;
    const told = (answer: Answer): unknown => (isLie(answer) ? [answer[0], 'liar', ...answer.slice(2)] : answer);
    return { text: writeText({ answers: answers.map((ask) => ask.map((pair) => pair.map(told))), next }), problems };
  });
}

describe('a difference', () => {
  test('is found, told with its seed and what everyone says, and made small enough to read', async () => {
    const programs = new Map([
      ['here', here],
      ['liar', { call: lie }],
    ]);
    const quiet = { programs, notice: (): void => {} };
    const { finding } = await runFuzz({ seed: 5, ms: MINUTE, shrinkMs: 40_000 }, quiet);
    const told = finding ? describeFinding(finding) : '';
    expect(told).toMatch(/^Seed \d+:\n/);
    expect(told).toMatch(/ {2}here: .*variant: "(?!liar)/);
    expect(told).toMatch(/ {2}liar: .*variant: "liar"/);
    expect(told).toMatch(/ {2}oracle: .*variant: "(?!liar)/);
    const smallest = finding?.smallest ?? '';
    const { asks, keys, changes, ruleset } = JSON.parse(smallest) as FuzzCase & {
      readonly ruleset: { readonly flags: object };
    };
    expect([asks.length, keys.length, changes, Object.keys(ruleset.flags).length]).toEqual([1, 1, undefined, 1]);
    // Three times a key of 256 characters, at worst.
    expect(smallest.length).toBeLessThan(1_600);
    // The same again from the text alone, and from the seed.
    expect((await compare([smallest], quiet)).size).toBe(1);
    const again = await runFuzz({ seed: finding?.seed ?? 0, ms: MINUTE, cases: BATCH, shrinkMs: 0 }, quiet);
    expect(again.finding?.seed).toBe(finding?.seed);
  });

  test('between a runtime and itself or the oracle is one, too', async () => {
    const programs = new Map([
      [
        'here',
        {
          call: async (input: unknown) =>
            run(input as readonly string[]).map((result) => ({ ...result, problems: ['explain differs'] })),
        },
      ],
    ]);
    const { finding } = await runFuzz({ seed: 5, ms: MINUTE, shrinkMs: 0 }, { programs, notice: () => {} });
    expect(finding?.differences).toEqual(['here: explain differs']);
    const alone = await runFuzz(
      { seed: 5, ms: MINUTE, shrinkMs: 0 },
      { programs: new Map([['liar', { call: lie }]]), notice: () => {} },
    );
    expect(alone.finding?.differences.join()).toContain('oracle: ');
  });
});

describe('the text of a case', () => {
  test('carries what JSON has no word for', () => {
    const value = [-0, Infinity, -Infinity, Number.NaN, undefined, 1n, new Date(5), new Date(Number.NaN), '\ud800'];
    const text = writeText({ value, odd: JSON.parse('{"__proto__":{"a":1},"constructor":[]}') as unknown });
    const read = readText(text) as { readonly value: unknown; readonly odd: object };
    expect(read.value).toStrictEqual(value);
    expect(Object.keys(read.odd)).toEqual(['__proto__', 'constructor']);
    expect(writeText(read)).toBe(text);
    const plain = (readPlain(text) as { readonly value: unknown }).value;
    const date = '1970-01-01T00:00:00.005Z';
    expect(plain).toStrictEqual([-0, Infinity, -Infinity, null, null, null, date, null, '\ud800']);
    const throwing = readText(writeText({ list: [THROWING] })) as { list: unknown[] };
    expect(() => throwing.list[0]).toThrow('cannot be read');
  });
});
