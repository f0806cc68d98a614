import type { ProblemCode } from './broken.ts';
import { MAX_NAME } from './limits.ts';
import { suggest } from './nearest.ts';
import { isObject, KINDS } from './shape.ts';

/** Where something stands in a document: the members and indexes on the way down. */
export type ProblemPath = readonly (string | number)[];

/** Something wrong with a ruleset. */
export interface Problem {
  /** Where: `['flags', 'checkout', 'rules', 0, 'when', 'op']`. */
  readonly path: ProblemPath;
  /** The code under which the compiler sets a flag aside; `FORMAT` is for the document as a whole. */
  readonly code: ProblemCode | 'FORMAT';
  /** What is wrong with what was found there. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** The message of a problem that only the compiler has found. */
export const UNEXPLAINED = 'The compiler refuses this entry.';

/** Takes down a problem. */
export type Report = (path: ProblemPath, code: Problem['code'], message: string, hint: string) => void;

const MOST_CHARACTERS = 40;

/** A value in a few words. What it holds is left out: that may be very deep or very long. */
export function words(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const isLong = typeof value === 'string' && value.length > MOST_CHARACTERS;
  return isLong ? `${JSON.stringify(value.slice(0, MOST_CHARACTERS))}…` : (JSON.stringify(value) ?? typeof value);
}

const EXPECTED: Readonly<Record<string, string>> = {
  a: 'a list',
  b: 'true or false',
  c: 'true, false or "evaluated"',
  i: 'a whole number, 0 or more',
  m: 'an object of texts, numbers and booleans',
  n: `a text of 1 to ${MAX_NAME} characters`,
  s: 'a text',
  S: 'a list of texts',
  t: '"boolean", "string", "number" or "object"',
  v: 'a value',
};

function reportMember(report: Report, path: ProblemPath, name: string, kind: string, value: unknown): void {
  const expected = EXPECTED[kind]!;
  const at = [...path, name];
  if (value === undefined) {
    report(at, 'TYPE', `\`${name}\` is missing.`, `Add \`${name}\`: ${expected}.`);
    return;
  }
  const items = kind === 'S' && Array.isArray(value) ? [...value.entries()] : undefined;
  const members = kind === 'm' && isObject(value) ? Object.entries(value) : undefined;
  const itemKind = kind === 'S' ? 's' : '';
  for (const [key, item] of items ?? members ?? []) {
    if (itemKind ? typeof item === 'string' : KINDS['m']!({ item })) continue;
    const wanted = itemKind ? 'a text' : 'a text, a number or a boolean';
    report([...at, key], 'TYPE', `This is ${words(item)}, not ${wanted}.`, `Make it ${wanted}, or leave it out.`);
  }
  if (!items && !members)
    report(at, 'TYPE', `\`${name}\` is ${words(value)}, not ${expected}.`, `Make it ${expected}.`);
}

/**
 * Checks the shape of an object as the compiler's `shape` does, and goes on after the first problem. Gives the members
 * that are sound, `undefined` for what is no object.
 */
export function checkShape<T>(
  report: Report,
  path: ProblemPath,
  raw: unknown,
  members: string,
  what: string,
  open?: boolean,
): Partial<T> | undefined {
  if (!isObject(raw)) {
    report(path, 'TYPE', `${what} is ${words(raw)}, not an object.`, 'Make it an object.');
    return undefined;
  }
  const known = new Map(members.split(' ').map((member) => member.split(':') as [string, string]));
  const sound: [string, unknown][] = [];
  for (const [name, kind] of known) {
    const value = raw[name];
    if (value === undefined && kind.length > 1) continue;
    if (value !== undefined && KINDS[kind[0]!]!(value)) sound.push([name, value]);
    else reportMember(report, path, name, kind[0]!, value);
  }
  for (const name of open ? [] : Object.keys(raw)) {
    if (!known.has(name)) {
      const hint = suggest(report, name, [...known.keys()], 'members');
      report([...path, name], 'MEMBER', `${what} has no member \`${name.slice(0, MAX_NAME)}\`.`, hint);
    }
  }
  return Object.fromEntries(sound) as Partial<T>;
}

/** Checks that `value` is an integer from `min` to `max`, where the shape has not said so yet. */
export function checkInteger(
  report: Report,
  path: ProblemPath,
  value: unknown,
  min: number,
  max: number,
): value is number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return true;
  const expected = `a whole number from ${min} to ${max}`;
  report(path, 'VALUE', `This is ${words(value)}, not ${expected}.`, `Make it ${expected}.`);
  return false;
}

/** Checks that `raw` is a pair. */
export function checkPair(
  report: Report,
  path: ProblemPath,
  raw: unknown,
  what: string,
): raw is readonly [unknown, unknown] {
  if (Array.isArray(raw) && raw.length === 2) return true;
  report(path, 'TYPE', `This is ${words(raw)}, not a pair.`, `Write a list of two: ${what}.`);
  return false;
}
