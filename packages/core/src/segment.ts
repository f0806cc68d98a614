import {
  codeOf,
  fail,
  integerOf,
  listOf,
  nameOf,
  objectOf,
  optionalBoolean,
  type ProblemCode,
  stringOf,
  stringsOf,
} from './broken.ts';
import type { CompiledRuleset, CompiledSegment } from './compiled.ts';
import { compileCondition, type Scope } from './condition.ts';
import { parsePath } from './context.ts';
import { MAX_NAME, MAX_SEGMENT_DEPTH } from './limits.ts';

/** Where the keys of external segments that hold are put into a context before the read. */
export const EXTERNAL_SEGMENTS = '$segments';

/** Checks what every entry has. */
export function checkHeader(raw: Readonly<Record<string, unknown>>, key: string): number {
  if (raw['key'] !== key) fail('KEY');
  if (!key || key.length > MAX_NAME) fail('LIMIT');
  stringOf(raw['digest']);
  return integerOf(raw['version'], 0, Number.MAX_SAFE_INTEGER);
}

function compile(ruleset: CompiledRuleset, key: string, nesting: number): CompiledSegment {
  const raw = objectOf(ruleset.segments.get(key), 'key version digest include exclude rules by client external');
  checkHeader(raw, key);
  optionalBoolean(raw['client']);
  const scope: Scope = {
    ruleset,
    segment: (other, depth) => compileSegment(ruleset, other, depth),
    nesting,
    refs: new Set(),
    timed: [],
    steps: 1,
    depth: 0,
  };
  let rules = listOf(raw['rules'] ?? []).map((rule) => compileCondition(rule, scope));
  const include = new Set(stringsOf(raw['include'] ?? []));
  const exclude = new Set(stringsOf(raw['exclude'] ?? []));
  if (optionalBoolean(raw['external'])) {
    if (include.size || exclude.size || rules.length) fail('MEMBER');
    rules = [compileCondition({ attr: [EXTERNAL_SEGMENTS], op: 'eq', values: [key] }, scope)];
  }
  if (scope.depth > MAX_SEGMENT_DEPTH) fail('LIMIT');
  const path = raw['by'] === undefined ? 'targetingKey' : parsePath(nameOf(raw['by']));
  const { steps, refs, timed, depth } = scope;
  return { key, steps, refs, timed, depth, path, include, exclude, rules };
}

/**
 * The segment, compiled once; or why it cannot be. Whatever refers to a missing, broken or cyclic segment is broken with
 * it, never "not a member". `nesting` is how many references lead here.
 */
export function compileSegment(ruleset: CompiledRuleset, key: string, nesting: number): CompiledSegment | ProblemCode {
  const ready = ruleset.readySegments;
  const known = ready.get(key);
  if (known) return known;
  // A segment that is being compiled has an empty place: we came back to it.
  if (ready.has(key)) return 'CYCLE';
  if (!ruleset.segments.has(key)) return 'SEGMENT';
  if (nesting > MAX_SEGMENT_DEPTH + 1) return 'LIMIT';
  ready.set(key, undefined);
  let result: CompiledSegment | ProblemCode;
  try {
    result = compile(ruleset, key, nesting);
  } catch (error) {
    result = codeOf(error);
  }
  ready.set(key, result);
  // Not remembered: a way here that was too long says nothing of the segment itself.
  if (result === 'LIMIT' && nesting > 1) ready.delete(key);
  return result;
}
