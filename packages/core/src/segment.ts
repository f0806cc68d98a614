import { codeOf, fail, type ProblemCode } from './broken.ts';
import type { CompiledRuleset, CompiledSegment } from './compiled.ts';
import { compileCondition } from './condition.ts';
import { parsePath } from './context.ts';
import { MAX_SEGMENT_DEPTH } from './limits.ts';
import type { Condition, Segment } from './ruleset.ts';
import type { Scope } from './scope.ts';
import { shape } from './shape.ts';

/** Where the keys of external segments that hold are put into a context before the read. */
export const EXTERNAL_SEGMENTS = '$segments';

/** The members of a segment, in the words of `shape`. */
export const SEGMENT_MEMBERS = 'key:n version:i digest:s include:S? exclude:S? rules:a? by:n? client:b? external:b?';

/** What compiling an entry begins with. */
export function createScope(ruleset: CompiledRuleset, nesting: number): Scope {
  const segment: Scope['segment'] = (key, depth) => compileSegment(ruleset, key, depth);
  return { ruleset, segment, nesting, steps: 0, depth: 0 };
}

/** What puts a unit into a segment that does not list it; of an external one, that the context says so. */
export function rulesOf({ key, external, rules = [] }: Segment): readonly Condition[] {
  return external ? [{ attr: [EXTERNAL_SEGMENTS], op: 'eq', values: [key] }] : rules;
}

function compile(ruleset: CompiledRuleset, key: string, nesting: number): CompiledSegment {
  const scope = createScope(ruleset, nesting);
  const raw = shape<Segment>(ruleset.segments.get(key), SEGMENT_MEMBERS);
  if (raw.key !== key) fail('KEY');
  if (raw.external && (raw.include ?? raw.exclude ?? raw.rules)) fail('MEMBER');
  const rules = rulesOf(raw).map((rule) => compileCondition(rule, scope));
  if (scope.depth > MAX_SEGMENT_DEPTH) fail('LIMIT');
  const { steps, depth } = scope;
  const lists = { include: new Set(raw.include), exclude: new Set(raw.exclude) };
  return { key, steps, depth, path: parsePath(raw.by), ...lists, rules };
}

/**
 * The segment, compiled once; or why it cannot be. Whatever refers to a missing, broken or cyclic segment is broken with
 * it, never "not a member". `nesting` is how many references lead here.
 */
export function compileSegment(ruleset: CompiledRuleset, key: string, nesting: number): CompiledSegment | ProblemCode {
  const { slots, raw, ready } = ruleset.segments;
  const slot = slots.get(key);
  if (slot === undefined || raw[slot] === undefined) return 'SEGMENT';
  const known = ready[slot];
  // It is being compiled: we came back to it.
  if (known === -1) return 'CYCLE';
  // From this nesting on it is too deep; a shorter way may still end well.
  if (typeof known === 'number' ? known <= nesting : nesting > MAX_SEGMENT_DEPTH + 1 && !known) return 'LIMIT';
  if (known && typeof known !== 'number') return known;
  ready[slot] = -1;
  let result: CompiledSegment | ProblemCode;
  try {
    result = compile(ruleset, key, nesting);
  } catch (error) {
    ready[slot] = undefined;
    result = codeOf(error);
  }
  // A way here that was too long says nothing of the segment itself, but is not tried again from so far.
  ready[slot] = result === 'LIMIT' && nesting > 1 ? nesting : result;
  return result;
}
