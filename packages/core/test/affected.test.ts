import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileRuleset, evaluate, isAffected, problemOf, updateRuleset } from '../src/index.ts';
import { type Entry, flagOf, flagWhen, NOW, rulesetOf, segmentOf } from './build.ts';
import { changeArbitrary, graphArbitrary } from './graph.ts';

const CONTEXTS: readonly Entry[] = [{}, { targetingKey: 'ann' }, { x: 1 }];

// As those who write rulesets do: another content, another digest.
const digested = (entries: Entry): Entry =>
  Object.fromEntries(
    Object.entries(entries).map(([key, entry]) => {
      const isEntry = typeof entry === 'object' && entry !== null;
      return [key, isEntry ? { ...entry, digest: JSON.stringify(entry) } : entry];
    }),
  );
const withDigests = ({ flags, segments, ...more }: Entry): Entry => ({
  ...more,
  flags: digested(flags as Entry),
  segments: digested(segments as Entry),
});

const entriesOf = (compiled: ReturnType<typeof compileRuleset>): Entry => ({
  flags: Object.fromEntries(compiled.flags),
  segments: Object.fromEntries(compiled.segments),
});

it('what is not affected by a change answers as before, whether it was updated or compiled anew', () => {
  fc.assert(
    fc.property(graphArbitrary, changeArbitrary, fc.boolean(), (ruleset, change, isShared) => {
      const before = compileRuleset(withDigests(ruleset));
      for (const key of before.flags.keys()) problemOf(before, key);
      const updated = updateRuleset(before, { version: 99, ...withDigests(change) });
      const after = isShared ? updated : compileRuleset({ ...ruleset, ...entriesOf(updated) });
      for (const key of new Set([...before.flags.keys(), ...after.flags.keys()])) {
        if (isAffected(before, after, key)) continue;
        for (const context of CONTEXTS) {
          expect(evaluate(after, key, context, null, NOW)).toEqual(evaluate(before, key, context, null, NOW));
        }
      }
    }),
    { numRuns: 500 },
  );
});

const needing = (key: string, flag: string): Entry => flagOf({ key, prerequisites: [{ flag, variations: ['off'] }] });
const all = [needing('a', 'b'), flagWhen({ segment: 's' }, { key: 'b' }), flagOf({ key: 'c' })];

it.each<[string, Entry[], Entry[], string[]]>([
  ['nothing', all, [segmentOf()], []],
  ['a segment', all, [segmentOf({ version: 4 })], ['a', 'b']],
  ['a segment that is gone', all, [], ['a', 'b']],
  ['a flag', [...all.slice(0, 2), flagOf({ key: 'c', digest: 'e' })], [segmentOf()], ['c']],
  ['a flag that is gone', all.slice(0, 2), [segmentOf()], ['c']],
])('%s that differs affects those that depend on it', (_, flags, segments, keys) => {
  const [one, two] = [compileRuleset(rulesetOf(all, [segmentOf()])), compileRuleset(rulesetOf(flags, segments))];
  expect(['a', 'b', 'c', 'd'].filter((key) => isAffected(one, two, key))).toEqual(keys);
  expect(['a', 'b', 'c', 'd'].filter((key) => isAffected(two, one, key))).toEqual(keys);
});
