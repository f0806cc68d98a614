import { compileRuleset, type CompileOptions, evaluate, type EvaluationContext, problemOf } from '../src/index.ts';

/** A flag or a segment as it comes: JSON that nobody has checked. */
export type Entry = Readonly<Record<string, unknown>>;

/** Noon of 5 January 2026 in UTC, a Monday. */
export const NOW: number = Date.UTC(2026, 0, 5, 12);

/** A sound boolean flag `f` that serves `off`, with these parts in place of its own. */
export function flagOf(parts: Entry = {}): Entry {
  return {
    key: 'f',
    version: 7,
    digest: 'd',
    type: 'boolean',
    enabled: true,
    variations: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    off: 'off',
    rules: [],
    fallthrough: { variation: 'off' },
    ...parts,
  };
}

/** A sound segment `s` without members, with these parts in place of its own. */
export function segmentOf(parts: Entry = {}): Entry {
  return { key: 's', version: 3, digest: 'd', ...parts };
}

/** A flag `f` that serves `on` where the condition holds. */
export function flagWhen(when: unknown, parts: Entry = {}): Entry {
  return flagOf({ rules: [{ id: 'r', when, serve: { variation: 'on' } }], ...parts });
}

/** A flag `f` with this serve for everyone. */
export function flagServing(fallthrough: unknown, parts: Entry = {}): Entry {
  return flagOf({ fallthrough, ...parts });
}

/** A split of these widths over `on` and `off`. */
export function splitOf(on: number, parts: Entry = {}): Entry {
  const total = typeof parts['total'] === 'number' ? parts['total'] : 100_000;
  return {
    split: {
      slices: [
        ['on', on],
        ['off', total - on],
      ],
      ...parts,
    },
  };
}

const byKey = (entries: readonly Entry[]): Entry => Object.fromEntries(entries.map((entry) => [entry['key'], entry]));

/** A ruleset of these entries, each under its own key. */
export function rulesetOf(flags: readonly Entry[], segments: readonly Entry[] = []): Entry {
  return {
    format: 1,
    environment: 'test',
    epoch: 'e1',
    version: 9,
    flags: byKey(flags),
    segments: byKey(segments),
  };
}

/** The name of the variation that flag `f` serves. Throws when the flag is broken or has no answer. */
export function variantOf(
  flag: Entry,
  context: EvaluationContext = {},
  now: number = NOW,
  segments: readonly Entry[] = [],
  options: CompileOptions = {},
): string {
  const compiled = compileRuleset(rulesetOf([flag], segments), options);
  const { variant, errorCode } = evaluate(compiled, 'f', context, null, now);
  if (variant === undefined) throw new Error(`${errorCode} ${problemOf(compiled, 'f')}: ${JSON.stringify(flag)}`);
  return variant;
}

/** Whether the condition holds. Throws when it breaks its flag or has no answer. */
export function isMatch(
  when: unknown,
  context: EvaluationContext = {},
  now: number = NOW,
  segments: readonly Entry[] = [],
): boolean {
  return variantOf(flagWhen(when), context, now, segments) === 'on';
}

/** Why a ruleset of this flag alone (and these segments) sets it aside. */
export function problemWith(flag: Entry, segments: readonly Entry[] = [], others: readonly Entry[] = []): unknown {
  return problemOf(compileRuleset(rulesetOf([flag, ...others], segments)), 'f');
}
