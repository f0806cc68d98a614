import type { Demand, Environment, NeutralFlag, Serve, Value } from '../neutral.ts';
import { isShares } from '../neutral.ts';

// Comparators by their numbers: text is one of, number is greater, version is at least, text ends with any of.
const [IS_ONE_OF, IS_GREATER, IS_AT_LEAST, ENDS_WITH] = [0, 14, 9, 32];

function condition(demand: Demand, segments: readonly string[]): object {
  if ('segment' in demand) return { s: { s: segments.indexOf(demand.segment), c: 0 } };
  if ('isOneOf' in demand) {
    const attribute = demand.attribute === 'country' ? 'Country' : demand.attribute;
    return { u: { a: attribute, c: IS_ONE_OF, l: demand.isOneOf } };
  }
  if ('endsWith' in demand) return { u: { a: 'Email', c: ENDS_WITH, l: [demand.endsWith] } };
  if ('isAbove' in demand) return { u: { a: 'age', c: IS_GREATER, d: demand.isAbove } };
  return { u: { a: 'version', c: IS_AT_LEAST, s: demand.isAtLeast } };
}

function toSetting(flag: NeutralFlag, segments: readonly string[]): object {
  const { kind, isOn, off, needs, rules, otherwise } = flag;
  const valued = (value: Value): object => ({
    v: kind === 'boolean' ? { b: value } : { s: value },
    i: `${flag.key}-${String(value)}`,
  });
  const t = kind === 'boolean' ? 0 : 1;
  if (!isOn) return { t, ...valued(off) };
  const serve = (served: Serve): object =>
    isShares(served)
      ? { p: served.map(([value, percent]) => ({ p: percent, ...valued(value) })) }
      : { s: valued(served) };
  const own = rules.map(({ when, serve: served }) => ({
    c: when.map((demand) => condition(demand, segments)),
    ...serve(served),
  }));
  if (needs !== undefined) {
    return { t, r: [{ c: [{ p: { f: needs, c: 0, v: { b: true } } }], ...serve(otherwise) }], ...valued(off) };
  }
  return isShares(otherwise) ? { t, r: own, ...serve(otherwise), ...valued(off) } : { t, r: own, ...valued(otherwise) };
}

/** The configuration of ConfigCat's SDKs, as they fetch it. */
export function payload({ flags, segments }: Environment): string {
  const names = segments.map(({ name }) => name);
  return JSON.stringify({
    p: { u: 'http://localhost', r: 0, s: 'salt' },
    s: segments.map(({ name, keys }) => ({ n: name, r: [{ a: 'Identifier', c: IS_ONE_OF, l: keys }] })),
    f: Object.fromEntries(flags.map((flag) => [flag.key, toSetting(flag, names)])),
  });
}

/** What their caches hold: the time of the fetch, the entity's tag, the configuration. */
export function cached(text: string): string {
  return `${Date.now()}\ntag\n${text}`;
}

/** Of the form that they ask for. */
export const SDK_KEY = 'configcat-sdk-1/0000000000000000000000/0000000000000000000000';
