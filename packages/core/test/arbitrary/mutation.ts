import * as fc from 'fast-check';
import { rulesetArbitrary } from './ruleset.ts';

type Container = Record<string, unknown> | unknown[];

interface Place {
  readonly container: Container;
  readonly key: string;
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Every member and item of a document. */
function placesOf(root: Container): readonly Place[] {
  const places: Place[] = [];
  const visit = (container: Container): void => {
    for (const [key, value] of Object.entries(container)) {
      places.push({ container, key });
      if (isContainer(value)) visit(value);
    }
  };
  visit(root);
  return places;
}

/** Writes an own member, whatever its name. */
function put(container: Container, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else Reflect.deleteProperty(container, key);
}

/** Values that rulesets hold somewhere, for places where they do not belong. */
const strays = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    '',
    '__proto__',
    -1,
    0,
    0.5,
    1,
    7,
    1440,
    2 ** 20,
    2 ** 20 + 1,
    2 ** 53,
    [],
    {},
  ),
  fc.constantFrom<unknown>('attr', 'all', 'eq', 'version', 'date', '(', '10.0.0.0/33', '1.2.3', '2026-02-30T00:00:00Z'),
  fc.constantFrom<unknown>('beta', 'staff', 'checkout', 'on', 'off', 'missing', 'x'.repeat(300)),
  fc.constantFrom<unknown>({ segment: 'beta' }, { segment: 'staff' }, { not: { all: [] } }, { variation: 'on' }),
);

const names = fc.constantFrom(
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
  'external',
  '__proto__',
);

type Mutation = (root: Container, places: readonly Place[], at: Place) => void;

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  strays.map(
    (value): Mutation =>
      (_, __, { container, key }) =>
        put(container, key, structuredClone(value)),
  ),
  fc.constant<Mutation>((_, __, { container, key }) => remove(container, key)),
  fc.tuple(names, strays).map(([name, value]): Mutation => (_, __, { container }) => {
    if (Array.isArray(container)) container.push(structuredClone(value));
    else put(container, name, structuredClone(value));
  }),
  names.map((name): Mutation => (_, __, { container, key }) => {
    if (Array.isArray(container)) return;
    const value = container[key];
    remove(container, key);
    put(container, name, value);
  }),
  // A part of the document in another place of it.
  fc.nat().map((index): Mutation => (_, places, { container, key }) => {
    const other = places[index % places.length];
    if (other) put(container, key, structuredClone(Object.getOwnPropertyDescriptor(other.container, other.key)?.value));
  }),
);

/** A sound ruleset with up to three things changed, each anywhere in it: what JSON sends when something has gone wrong. */
export const brokenRulesetArbitrary: fc.Arbitrary<unknown> = fc
  .tuple(rulesetArbitrary, fc.array(fc.tuple(fc.nat(), mutation), { minLength: 1, maxLength: 3 }))
  .map(([ruleset, mutations]) => {
    const root = structuredClone(ruleset) as unknown as Container;
    for (const [index, mutate] of mutations) {
      const places = placesOf(root);
      const at = places[index % places.length];
      if (at) mutate(root, places, at);
    }
    return root;
  });
