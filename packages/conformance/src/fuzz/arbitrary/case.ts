import * as fc from 'fast-check';
import type { Flag, RulesetChange, Segment } from '@flags/core';
import type { Ask, FuzzCase } from '../case.ts';
import { hashOf } from '../../../vectors/oracle.ts';
import { putMember, writeText } from '../text.ts';
import { contextArbitrary } from './context.ts';
import { type Fault, faultArbitrary } from './fault.ts';
import { byKey, flagArbitrary, segmentArbitrary } from './flag.ts';
import { nowArbitrary } from './instants.ts';
import { FLAG_KEYS, SEGMENT_KEYS } from './names.ts';

type Entry = Flag | Segment;
type Entries = Record<string, unknown>;
interface Document {
  flags: Entries;
  segments: Entries;
}

const askArbitrary: fc.Arbitrary<Ask> = fc.record({
  context: contextArbitrary,
  now: nowArbitrary,
  fallback: fc.constantFrom<unknown>(true, false, 'default', '', 7, -0, { a: 1 }, [], undefined),
});

/** What the entries were before, and when they become what they are: 0 from the start on, else with that change. */
const pastArbitrary = fc.record({
  at: fc.nat(3),
  was: fc.constantFrom<'absent' | 'other' | 'broken' | 'turned'>('absent', 'other', 'broken', 'turned'),
  isTwice: fc.boolean(),
});

/** A chain of segments, each referring to the next, around the limit. */
function chainOf(length: number): Entries {
  const keys = Array.from({ length }, (_, at) => `chain-${at}`);
  return byKey(keys, (key, earlier) => {
    const rules = earlier.length ? [{ segment: earlier.at(-1) as string }] : [{ attr: 'country', op: 'exists' }];
    return { key, version: 1, digest: 'd', rules };
  });
}

/** Gives each entry the digest of its content, so that a relay sees what changed. */
function seal<T extends object>(entries: T): T {
  for (const entry of Object.values(entries))
    if (typeof entry === 'object' && entry !== null && (entry as Partial<Entry>).digest === 'd')
      putMember(entry as object, 'digest', hashOf(writeText(entry)).toString(16));
  return entries;
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A case of every kind: a ruleset, sound or with faults in it, a way to it by changes, and questions. */
export const caseArbitrary: fc.Arbitrary<FuzzCase> = fc
  .record({
    flagKeys: fc.subarray([...FLAG_KEYS], { minLength: 1, maxLength: 5 }),
    segmentKeys: fc.subarray([...SEGMENT_KEYS], { maxLength: 4 }),
    flags: fc.array(flagArbitrary, { minLength: 6, maxLength: 6 }),
    segments: fc.array(segmentArbitrary, { minLength: 5, maxLength: 5 }),
    chain: fc.oneof(
      { weight: 9, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 9, max: 11 }) },
    ),
    faults: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Fault[]>([]) },
      { weight: 1, arbitrary: fc.array(faultArbitrary, { minLength: 1, maxLength: 2 }) },
    ),
    isFaultAnywhere: fc.nat(19),
    pasts: fc.array(pastArbitrary, { minLength: 10, maxLength: 10 }),
    ghost: fc.nat(3),
    withBucketers: fc.boolean(),
    asks: fc.array(askArbitrary, { minLength: 1, maxLength: 8 }),
    others: fc.nat(3),
  })
  .map((parts): FuzzCase => {
    const { flagKeys, segmentKeys, chain, faults, pasts } = parts;
    const [otherFlag, otherSegment] = [parts.flags[5], parts.segments[4]];
    const chained = chainOf(chain);
    const known = [...segmentKeys, ...Object.keys(chained).slice(-1)];
    const flags = byKey<Flag>(flagKeys, (key, earlier, at) =>
      (parts.flags[at] as NonNullable<typeof otherFlag>)(key, earlier, known),
    );
    // Own members, whatever their names: spreading and assigning would lose `__proto__`.
    const segments: Entries = {};
    for (const [key, entry] of [
      ...Object.entries(chained),
      ...Object.entries(byKey(segmentKeys, (key, earlier, at) => parts.segments[at]?.(key, earlier))),
    ])
      putMember(segments, key, entry);
    const final: Document & Entries = {
      format: 1,
      environment: 'fuzz',
      epoch: 'e1',
      version: 9,
      flags: structuredClone(flags),
      segments: structuredClone(segments),
    };
    for (const fault of faults)
      fault(parts.isFaultAnywhere === 19 ? final : isEntry(final.flags) ? final.flags : final);
    for (const kind of ['flags', 'segments'] as const) if (isEntry(final[kind])) seal(final[kind]);

    const formerOf = (key: string, entry: unknown, was: (typeof pasts)[number]['was'], isFlag: boolean): unknown => {
      if (was === 'absent' || !isEntry(entry)) return undefined;
      if (was === 'broken') return { key, version: 1, digest: 'd' };
      if (was === 'turned')
        return { ...entry, digest: 'd', ...('enabled' in entry ? { enabled: !entry.enabled } : { exclude: ['ann'] }) };
      return isFlag ? otherFlag?.(key, [], known) : otherSegment?.(key, []);
    };
    const start: Document = { flags: {}, segments: {} };
    const changes = [1, 2, 3].map((version) => ({
      version: 9 + version,
      flags: {} as Entries,
      segments: {} as Entries,
    }));
    for (const kind of ['flags', 'segments'] as const) {
      const entries: Entries = isEntry(final[kind]) ? final[kind] : {};
      for (const [place, [key, entry]] of Object.entries(entries).entries()) {
        const { at, was, isTwice } = pasts[(place + (kind === 'flags' ? 0 : 5)) % pasts.length] ?? {
          at: 0,
          was: 'absent',
          isTwice: false,
        };
        const former = formerOf(key, entry, was, kind === 'flags');
        // What is `null` in a change is gone, so such an entry has to be there from the start on.
        const from = entry === null ? 0 : at;
        const first = from === 0 ? entry : former;
        if (first !== undefined) putMember(start[kind], key, structuredClone(first));
        const change = changes[from - 1];
        if (change) putMember(change[kind], key, structuredClone(entry));
        if (isTwice && from === 3) putMember((changes[0] as (typeof changes)[number])[kind], key, null);
      }
    }
    const gone = FLAG_KEYS.find((key) => !flagKeys.includes(key)) ?? '';
    if (parts.ghost > 0 && otherFlag && isEntry(final.flags) && !Object.hasOwn(final.flags, gone)) {
      putMember(start.flags, gone, otherFlag(gone, flagKeys, known));
      putMember((changes[parts.ghost - 1] as (typeof changes)[number]).flags, gone, null);
    }
    for (const { flags, segments } of [start, ...changes]) for (const entries of [flags, segments]) seal(entries);
    const { format, version, epoch } = final;
    // What is no ruleset has no flags, and nothing that a change could follow.
    const isRuleset = format === 1 && Number.isSafeInteger(version) && typeof epoch === 'string';
    const isSound = isRuleset && isEntry(final.flags) && isEntry(final.segments);
    return {
      ruleset: final,
      start: isSound ? { ...final, ...start } : final,
      changes: isSound ? (changes as unknown as RulesetChange[]) : [],
      withBucketers: parts.withBucketers,
      keys: [
        ...new Set([
          ...Object.keys(isEntry(final.flags) ? final.flags : {}),
          ...flagKeys,
          ...[gone, 'missing'].slice(parts.others),
        ]),
      ],
      asks: parts.asks,
    };
  });
