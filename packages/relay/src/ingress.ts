import { Buffer } from 'node:buffer';
import type { FileProblem } from '@flags/config';
import { digestOf } from '@flags/config';
import type { Flag, RawEntries, Segment } from '@flags/core';
import { compileRuleset, problemOf } from '@flags/core';
import type { EntryKind } from '@flags/sync';
import type { Entries } from './entries.ts';
import { toRecord } from './entries.ts';
import { sourceProblem } from './problem.ts';

/** Of all entries as JSON. Who serves more gets nothing in. */
const MAX_BYTES = 10 * 1024 * 1024;
/** Who serves more gets nothing in. */
const MAX_FLAGS = 10_000;
/** Of one flag as JSON; segments hold lists of people, and are bounded by the whole alone. */
const MAX_FLAG_BYTES = 100 * 1024;
/** Levels of one entry. The compiler takes 32 conditions in each other, two levels each, or values of 64. */
const MAX_DEPTH = 100;

/** Entries as they came, unchecked. */
export interface Unchecked {
  readonly flags: RawEntries;
  readonly segments: RawEntries;
}

/** Entries that are safe to hold, and what should be looked at; or why none of it is taken. */
export type Admission =
  | { readonly ok: true; readonly entries: Entries; readonly doubts: readonly FileProblem[] }
  | { readonly ok: false; readonly problem: FileProblem };

/** Checks what comes from where trust ends: another relay, a disk. An entry that was checked before costs nothing. */
export interface Ingress {
  admit(raw: Unchecked): Admission;
}

interface Checked {
  readonly entry: Flag | Segment;
  readonly bytes: number;
  /** Why it was set aside: what is wrong, and what to do. */
  readonly fault: readonly [code: string, what: string, hint: string] | undefined;
}

/**
 * Creates the check of everything from one place. The digest of each entry is computed anew. One entry that cannot be used does
 * not keep the others out: it is set aside, which leaves its header, so that positions stay what they are; reads of it give the
 * caller's default.
 *
 * @param origin Names the place in problems.
 */
export function createIngress(origin: string): Ingress {
  const known = new WeakMap<object, Checked>();

  const check = (kind: EntryKind, raw: unknown): Checked => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      return setAside(raw, ['TYPE', 'is no object', 'Look at its origin.']);
    }
    let checked = known.get(raw);
    if (checked === undefined) {
      checked = checkEntry(kind, raw);
      known.set(raw, checked);
    }
    return checked;
  };

  return {
    admit: (raw) => {
      const refuse = (message: string, hint: string): Admission => ({
        ok: false,
        problem: sourceProblem(origin, 'LIMIT', message, hint),
      });
      if (raw.flags.size > MAX_FLAGS) {
        return refuse(`there are ${raw.flags.size} flags, more than ${MAX_FLAGS}`, 'Remove old flags.');
      }
      const doubts: FileProblem[] = [];
      const fresh: string[] = [];
      let bytes = 0;
      const take = <T extends Flag | Segment>(kind: EntryKind, from: RawEntries): Map<string, T> => {
        const taken = new Map<string, T>();
        for (const [key, one] of from) {
          const isNew = typeof one !== 'object' || one === null || !known.has(one);
          const { entry, fault, bytes: size } = check(kind, one);
          bytes += size;
          taken.set(key, entry as T);
          if (isNew && fault !== undefined) doubts.push(doubt(origin, kind, key, fault));
          else if (isNew && kind === 'flag') fresh.push(key);
        }
        return taken;
      };
      const entries: Entries = {
        flags: take<Flag>('flag', raw.flags),
        segments: take<Segment>('segment', raw.segments),
      };
      if (bytes > MAX_BYTES) {
        return refuse(`the flags have ${bytes} bytes, more than ${MAX_BYTES}`, 'Move long lists out of them.');
      }
      return { ok: true, entries, doubts: [...doubts, ...brokenFlags(origin, entries, fresh)] };
    },
  };
}

function checkEntry(kind: EntryKind, raw: object): Checked {
  if (isTooDeep(raw)) {
    return setAside(raw, ['LIMIT', `is nested more than ${MAX_DEPTH} levels deep`, 'Flatten it.']);
  }
  const bytes = Buffer.byteLength(JSON.stringify(raw));
  if (kind === 'flag' && bytes > MAX_FLAG_BYTES) {
    const what = `has ${bytes} bytes, more than ${MAX_FLAG_BYTES}`;
    return setAside(raw, ['LIMIT', what, 'Move long lists into a segment.']);
  }
  const entry = raw as Flag | Segment;
  // What was set aside on the way here has lost its content, and says so by having none.
  const isHeader = Object.keys(raw).every((name) => name === 'key' || name === 'version' || name === 'digest');
  if (!isHeader && digestOf(raw) !== entry.digest) {
    return setAside(raw, ['DIGEST', 'is not what its digest says', 'It was changed on the way: look at its origin.']);
  }
  return { entry, bytes, fault: undefined };
}

/** The header alone: enough for the hash, and broken for every reader. */
function setAside(raw: unknown, fault: NonNullable<Checked['fault']>): Checked {
  const header: Record<string, unknown> = {};
  if (typeof raw === 'object' && raw !== null) {
    for (const name of ['key', 'version', 'digest'] as const) {
      const value: unknown = Object.hasOwn(raw, name) ? (raw as Readonly<Record<string, unknown>>)[name] : undefined;
      if (typeof value === 'string' || typeof value === 'number') header[name] = value;
    }
  }
  return { entry: header as unknown as Flag | Segment, bytes: Buffer.byteLength(JSON.stringify(header)), fault };
}

/** Iterative: input may be nested without end. */
function isTooDeep(raw: object): boolean {
  let level: readonly object[] = [raw];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) =>
      Object.values(one).filter((value): value is object => typeof value === 'object' && value !== null),
    );
  }
  return false;
}

/** Flags that readers set aside. They are passed on as they are: a newer reader may know what an older one does not. */
function brokenFlags(origin: string, { flags, segments }: Entries, keys: readonly string[]): readonly FileProblem[] {
  if (keys.length === 0) return [];
  const json = {
    format: 1,
    environment: '',
    epoch: '',
    version: 0,
    flags: toRecord(flags),
    segments: toRecord(segments),
  };
  // Compiled to be looked at and dropped: the relay itself reads only what it is asked to evaluate.
  const compiled = compileRuleset(json);
  return keys.flatMap((key) => {
    const code = problemOf(compiled, key);
    const hint = 'It is passed on as it is; `flags-relay` does not repair flags.';
    return code === undefined
      ? []
      : [doubt(origin, 'flag', key, [code, 'is broken, and readers get their default', hint])];
  });
}

function doubt(
  origin: string,
  kind: EntryKind,
  key: string,
  [code, what, hint]: NonNullable<Checked['fault']>,
): FileProblem {
  const problem = sourceProblem(origin, code, `the ${kind} "${key}" ${what}`, hint);
  return { ...problem, severity: 'warning', path: [`${kind}s`, key] };
}
