import * as fc from 'fast-check';
import { putMember } from '../text.ts';

type Container = Record<string, unknown> | unknown[];

interface Place {
  readonly container: Container;
  readonly name: string;
}

/** Does harm to a document, in place. */
export type Fault = (root: Container) => void;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function placesOf(container: Container, places: Place[] = []): readonly Place[] {
  for (const [name, value] of Object.entries(container)) {
    places.push({ container, name });
    if (isContainer(value)) placesOf(value, places);
  }
  return places;
}

const valueAt = ({ container, name }: Place): unknown => (container as Readonly<Record<string, unknown>>)[name];

function remove({ container, name }: Place): void {
  if (Array.isArray(container)) container.splice(Number(name), 1);
  else Reflect.deleteProperty(container, name);
}

/** Values that rulesets hold somewhere, for places where they do not belong. */
const STRAYS: readonly unknown[] = [
  null,
  true,
  false,
  '',
  '__proto__',
  -1,
  0,
  -0,
  0.5,
  1,
  7,
  8,
  1440,
  1441,
  2 ** 20,
  2 ** 20 + 1,
  2 ** 53,
  1e21,
  Infinity,
  [],
  {},
  [null],
  [[]],
  ['a'],
  'attr',
  'all',
  'eq',
  'version',
  'date',
  'string',
  '(',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '1.2.3',
  '2026-02-30T00:00:00Z',
  '2026-06-01T12:00:00Z',
  'beta',
  'staff',
  'checkout',
  'on',
  'off',
  'missing',
  'x'.repeat(256),
  'x'.repeat(257),
  'evaluated',
  'length',
  'nobody',
  'object',
  'number',
  { segment: 'beta' },
  { segment: 'missing' },
  { not: { all: [] } },
  { variation: 'on' },
  { variation: 'missing' },
  { attr: 'x', op: 'exists' },
  { any: [], all: [] },
  { time: {} },
];
const NAMES: readonly string[] = [
  'atr',
  'attr',
  'op',
  'all',
  'any',
  'not',
  'by',
  'salt',
  'keys',
  'as',
  'values',
  'ignoreCase',
  'external',
  '__proto__',
  'constructor',
  'total',
  'bucketer',
  'sticky',
  'requires',
  'segment',
  'exclude',
];

const copy = (value: unknown): unknown => structuredClone(value);

/** Faults of every kind at any place; a few of them do no harm. */
export const faultArbitrary: fc.Arbitrary<Fault> = fc
  .record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'rename', 'repeat'),
    stray: fc.constantFrom(...STRAYS),
    name: fc.constantFrom(...NAMES),
  })
  .map(({ at, kind, stray, name }): Fault => (root) => {
    const places = placesOf(root);
    const place = places[Math.floor(at * places.length)];
    if (!place) return;
    const value = valueAt(place);
    const { container } = place;
    if (kind === 'remove') remove(place);
    else if (kind === 'add' && isContainer(value)) {
      if (Array.isArray(value)) value.push(copy(stray));
      else putMember(value, name, copy(stray));
    } else if (kind === 'rename' && !Array.isArray(container)) {
      remove(place);
      putMember(container, name, value);
    } else if (kind === 'repeat' && Array.isArray(container)) container.push(copy(value));
    else putMember(container, place.name, copy(stray));
  });
