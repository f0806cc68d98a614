import { describe, expect, test } from 'vitest';
import { expandCondition } from './expanding.ts';

const clause = (attr: string | string[], op: string, values?: unknown[], more = {}): object => ({
  attr,
  op,
  ...(values && { values }),
  ...more,
});

const table: readonly (readonly [written: string, means: unknown])[] = [
  // Values and lists.
  ['{ plan: pro }', clause('plan', 'eq', ['pro'])],
  ['{ beta: true }', clause('beta', 'eq', [true])],
  ['{ age: 18 }', clause('age', 'eq', [18])],
  ['{ country: [DE, NO] }', clause('country', 'in', ['DE', 'NO'])],
  ['{ org.plan: pro }', clause('org.plan', 'eq', ['pro'])],
  [
    '{ plan: pro, country: { in: [DE, FR] } }',
    { all: [clause('plan', 'eq', ['pro']), clause('country', 'in', ['DE', 'FR'])] },
  ],
  // Operators.
  ['{ age: { gte: 18, lt: 65 } }', { all: [clause('age', 'gte', [18]), clause('age', 'lt', [65])] }],
  [
    '{ plan: pro, age: { gte: 18, lt: 65 } }',
    { all: [clause('plan', 'eq', ['pro']), clause('age', 'gte', [18]), clause('age', 'lt', [65])] },
  ],
  ['{ email: { endsWith: "@example.com" } }', clause('email', 'endsWith', ['@example.com'])],
  ['{ ip: { cidr: [192.0.2.0/24] } }', clause('ip', 'cidr', ['192.0.2.0/24'])],
  ['{ age: { exists: true } }', clause('age', 'exists')],
  ['{ age: { exists: false } }', { not: clause('age', 'exists') }],
  ['{ age: { notExists: true } }', { not: clause('age', 'exists') }],
  ['{ app.version: { verGte: 2.10 } }', clause('app.version', 'verGte', ['2.10'])],
  ['{ app.version: { lt: 2.10, as: version } }', clause('app.version', 'lt', ['2.10'], { as: 'version' })],
  ['{ since: { before: "2026-01-01T00:00:00Z" } }', clause('since', 'before', ['2026-01-01T00:00:00Z'])],
  // Negations.
  ['{ country: { notIn: [RU] } }', { not: clause('country', 'in', ['RU']) }],
  ['{ country: { not: RU } }', { not: clause('country', 'eq', ['RU']) }],
  ['{ country: { not: [RU, BY] } }', { not: clause('country', 'in', ['RU', 'BY']) }],
  ['{ age: { not: { gte: 18, lt: 65 } } }', { not: { all: [clause('age', 'gte', [18]), clause('age', 'lt', [65])] } }],
  ['{ not: { plan: pro } }', { not: clause('plan', 'eq', ['pro']) }],
  // Options.
  ['{ plan: { eq: PRO, ignoreCase: true } }', clause('plan', 'eq', ['PRO'], { ignoreCase: true })],
  ['{ age: { lt: 18, ifMissing: true } }', clause('age', 'lt', [18], { ifMissing: true })],
  ['{ age: { notEq: 18, as: number } }', { not: clause('age', 'eq', [18], { as: 'number' }) }],
  ['{ age: { not: 18, as: number } }', { not: clause('age', 'eq', [18], { as: 'number' }) }],
  // Reserved words.
  ['{ segment: beta }', { segment: 'beta' }],
  ['{ segment: [beta, paying] }', { any: [{ segment: 'beta' }, { segment: 'paying' }] }],
  ['{ not: { segment: beta } }', { not: { segment: 'beta' } }],
  [
    '{ any: [{ plan: pro }, { all: [{ age: 1 }, { beta: true }] }] }',
    { any: [clause('plan', 'eq', ['pro']), { all: [clause('age', 'eq', [1]), clause('beta', 'eq', [true])] }] },
  ],
  ['{ bucket: { salt: layer, from: 10%, to: 50% } }', { bucket: { salt: 'layer', from: 10_000, to: 50_000 } }],
  ['{ bucket: { salt: layer, to: 0.001% } }', { bucket: { salt: 'layer', from: 0, to: 1 } }],
  ['{ bucket: { salt: layer, from: 95 } }', { bucket: { salt: 'layer', from: 95_000, to: 100_000 } }],
  [
    '{ bucket: { salt: l, from: 2, to: 50%, total: 10, by: org.id } }',
    { bucket: { salt: 'l', from: 2, to: 5, total: 10, by: 'org.id' } },
  ],
  // Attributes with reserved names, or with dots.
  ['{ attr: segment, eq: gold }', clause('segment', 'eq', ['gold'])],
  ['{ attr: [app.version], verGte: 2.0 }', clause(['app.version'], 'verGte', ['2.0'])],
  ['{ attr: time, op: in, values: [a, b] }', clause('time', 'in', ['a', 'b'])],
  ['{ attr: time, op: exists }', clause('time', 'exists')],
  ['{ attr: v, op: verLt, values: [1.20], ifMissing: true }', clause('v', 'verLt', ['1.20'], { ifMissing: true })],
  // Keys and texts that YAML 1.1 took for booleans, and names JavaScript objects have.
  ['{ on: yes, no: off }', { all: [clause('on', 'eq', ['yes']), clause('no', 'eq', ['off'])] }],
  [
    '{ __proto__: a, constructor: b, toString: c }',
    {
      all: [clause('__proto__', 'eq', ['a']), clause('constructor', 'eq', ['b']), clause('toString', 'eq', ['c'])],
    },
  ],
];

describe('A condition', () => {
  test.each(table)('%s is expanded', (written, means) => {
    expect(expandCondition(written)).toEqual(means);
  });
});
