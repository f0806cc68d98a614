import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createFlagFileSchema } from '../scripts/schema.ts';
import { BUCKET_MEMBERS } from '../src/condition.ts';
import { FILE_MEMBERS, parseFlagFile } from '../src/expand.ts';
import { FLAG_MEMBERS } from '../src/flag.ts';
import { CLAUSE_OPTIONS, OPERATORS } from '../src/operand.ts';
import { ROLLOUT_MEMBERS } from '../src/rollout.ts';
import { SEGMENT_MEMBERS } from '../src/segment.ts';
import { SPLIT_MEMBERS } from '../src/serve.ts';
import { RULE_MEMBERS } from '../src/targeting.ts';
import { TIME_MEMBERS } from '../src/time-window.ts';
import { NOW } from './expanding.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly $ref?: string;
  readonly not?: object;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

const published = JSON.parse(readFileSync(resolve(import.meta.dirname, '../schema.json'), 'utf8')) as Schema;
const validate = new Ajv({ strict: false }).compile(published);
const accepts = (text: string): boolean => validate(parse(text, { stringKeys: true }));
const reads = (text: string): boolean => parseFlagFile(text, { now: NOW }).ok;

const right: readonly string[] = [
  'flags: {}',
  '$schema: x\nenvironment: staging\nflags: { a: true, b: hi, c: 1, d: [1] }\nsegments: { s: [u, 1] }\nx-own: { any: thing }',
  'flags: { a: { description: d, owner: o, tags: [t], enabled: false, serve: on, salt: s, client: evaluated, x-mine: 1 } }',
  'flags: { a: { variations: { off: 1, b: 2 }, type: number, off: b, metadata: { m: true } } }',
  'flags: { a: { variations: [x, { name: y, value: z }], off: x }, b: { variations: [1, 2], off: 1 } }',
  'flags: { a: { prerequisites: { b: on }, targets: { on: [u], off: { by: org.id, keys: v } } }, b: true }',
  'flags: { a: { prerequisites: [{ flag: b, variations: [on] }], targets: [{ variation: on, keys: [u] }] }, b: true }',
  'flags: { a: { serve: { on: 33.333%, off: 66.667% } }, b: { serve: { on: 25, off: 75 } }, c: { fallthrough: true } }',
  'flags: { a: { serve: { split: { slices: [[on, 1%], { off: 99% }], by: o, sticky: s, experiment: e } } } }',
  'flags: { a: { serve: { rollout: { to: on, zone: UTC, steps: { 2026-12-01: 1% } } } } }',
  'flags: { a: { serve: { progress: { to: on, from: off, start: "2026-12-01T00:00:00Z", end: "2026-12-02T00:00:00Z" } } } }',
  'flags: { a: { rules: [{ id: i, if: { plan: pro, age: { gte: 1, lt: 9, ifMissing: true }, c: [1, x] }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { all: [{ any: [{ not: { b: 1 } }] }], c: { not: { in: [1] } }, d: { notIn: [1] } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { time: { days: [mon, 7], hours: "9:00-17:00", zone: Europe/Berlin } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { bucket: { salt: s, from: 1%, to: 2 } }, serve: { variation: on } }] } }',
  'flags: { a: { rules: [{ if: { attr: [a.b], eq: x }, serve: on }, { if: { attr: any, op: exists }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { segment: [s, t] }, serve: on }] } }\nsegments: { s: { if: { b: 1 } }, t: { rules: [{ b: 1 }], include: x } }',
];

const wrong: readonly string[] = [
  '{}',
  '[]',
  'flags: [a]',
  'flgs: {}',
  'flags: { a: }',
  'flags: { a: { serv: on } }',
  'flags: { a: { enabled: maybe } }',
  'flags: { a: { type: bool, variations: { off: 1 } } }',
  'flags: { a: { client: sometimes } }',
  'flags: { a: { variations: x } }',
  'flags: { a: { serve: [on] } }',
  'flags: { a: { serve: { on: much, off: 1% } } }',
  'flags: { a: { serve: { on: 0.0001%, off: 99.9999% } } }',
  'flags: { a: { serve: { split: { slice: { on: 100% } } } } }',
  'flags: { a: { serve: { rollout: { too: on } } } }',
  'flags: { a: { rules: [{ if: { a: 1 } }] } }',
  'flags: { a: { rules: [{ serve: on }] } }',
  'flags: { a: { rules: [{ if: [{ a: 1 }], serve: on }] } }',
  'flags: { a: { rules: [{ if: { if: { a: 1 } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { a: { inn: [1] } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { a: [] }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { any: { a: 1 } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { time: { day: mon } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { time: { days: mondey } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { bucket: { from: 1% } }, serve: on }] } }',
  'flags: { a: { rules: [{ if: { attr: b, op: eqq, values: [c] }, serve: on }] } }',
  'flags: {}\nsegments: { s: { includes: [u] } }',
  'flags: {}\nsegments: { s: 1.5.2 }\nx: 1',
];

describe('schema.json', () => {
  test('is the one that `npm run schema` writes', () => {
    expect(published).toEqual(createFlagFileSchema());
  });

  test.each(right)('accepts what the reader accepts: %s', (text) => {
    expect([reads(text), accepts(text)]).toEqual([true, true]);
  });

  test.each(wrong)('refuses what the reader refuses: %s', (text) => {
    expect([reads(text), accepts(text)]).toEqual([false, false]);
  });

  test('accepts the example', () => {
    const text = readFileSync(resolve(import.meta.dirname, '../../../examples/flags.yaml'), 'utf8');
    expect([reads(text), accepts(text)]).toEqual([true, true]);
  });

  const { definitions = {} } = published;
  const condition = (definitions['condition']?.anyOf ?? []).find(({ properties }) => properties)?.properties ?? {};
  const tables: readonly (readonly [string, Schema | undefined, readonly string[]])[] = [
    ['file', published, FILE_MEMBERS],
    ['flag', definitions['flag'], FLAG_MEMBERS],
    ['rule', definitions['rule'], RULE_MEMBERS],
    ['segment', definitions['segment'], SEGMENT_MEMBERS],
    ['split', definitions['split'], SPLIT_MEMBERS],
    ['rollout', definitions['rollout'], ROLLOUT_MEMBERS],
    ['time', definitions['time'], TIME_MEMBERS],
    ['bucket', definitions['bucket'], BUCKET_MEMBERS],
  ];

  test.each(tables)('knows the members of a %s that the reader knows', (_name, schema, members) => {
    expect(Object.keys(schema?.properties ?? {}).sort()).toEqual([...members].sort());
  });

  test('knows every operator and option', () => {
    const members = Object.keys(definitions['comparison']?.properties ?? {});
    expect(members).toEqual(expect.arrayContaining([...OPERATORS, ...CLAUSE_OPTIONS, 'not', 'notIn', 'notStartsWith']));
    expect(members).toHaveLength(OPERATORS.length * 2 + CLAUSE_OPTIONS.length + 1);
  });

  test('describes every member', () => {
    const described = (schema: Schema): boolean => {
      const name = schema.$ref?.split('/').at(-1);
      const parts = schema.allOf ?? [];
      return (
        Boolean(schema.description) ||
        Boolean(schema.not) ||
        parts.some(described) ||
        (name !== undefined && described(definitions[name] ?? {}))
      );
    };
    const bare = [
      ...tables.map(([name, schema]) => [name, schema?.properties ?? {}] as const),
      ['condition', condition] as const,
    ]
      .concat([['comparison', definitions['comparison']?.properties ?? {}]])
      .flatMap(([name, properties]) =>
        Object.entries(properties).map(([member, schema]) => [`${name}.${member}`, schema] as const),
      )
      .filter(([, schema]) => !described(schema));
    expect(bare.map(([name]) => name)).toEqual([]);
  });
});
