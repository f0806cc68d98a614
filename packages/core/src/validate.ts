import { compileRuleset, problemOf } from './compile.ts';
import type { CompiledRuleset } from './compiled.ts';
import { MAX_STEPS } from './limits.ts';
import { createReferences } from './references.ts';
import { checkShape, type Problem, type Report, UNEXPLAINED, words } from './report.ts';
import type { Ruleset } from './ruleset.ts';
import { compileSegment } from './segment.ts';
import { isObject } from './shape.ts';
import type { Check } from './validate-condition.ts';
import { checkFlag, isTooDeep } from './validate-flag.ts';
import { checkSegment } from './validate-segment.ts';

/** What validating may be told. */
export interface ValidateOptions {
  /** Names of the bucketers that `compileRuleset` will be given. */
  readonly bucketers?: readonly string[];
}

type Entries = Readonly<Record<string, unknown>>;

const DOCUMENT = 'environment:n epoch:s version:i flags:v segments:v? seals:a?';

// Compiling freezes the values of variations, and those handed in are their owner's.
function withoutValues(flag: unknown): unknown {
  if (!isObject(flag) || !Array.isArray(flag['variations'])) return flag;
  const variations = flag['variations'].map((item: unknown) => {
    if (!isObject(item) || typeof item['value'] !== 'object' || item['value'] === null) return item;
    return { ...item, value: isTooDeep(item['value']) ? null : {} };
  });
  return { ...flag, variations };
}

function entriesOf(report: Report, name: string, value: unknown): Entries {
  if (isObject(value)) return value;
  if (value !== undefined) {
    const expected = 'an object of entries by their keys';
    report([name], 'TYPE', `\`${name}\` is ${words(value)}, not ${expected}.`, `Make it ${expected}.`);
  }
  return {};
}

function compileForQuestions(flags: Entries, segments: Entries, bucketers: readonly string[]): CompiledRuleset {
  const sound = Object.fromEntries(Object.entries(flags).map(([key, flag]) => [key, withoutValues(flag)]));
  return compileRuleset(
    { format: 1, environment: '', epoch: '', version: 0, flags: sound, segments },
    { bucketers: Object.fromEntries(bucketers.map((name) => [name, () => 0])) },
  );
}

/**
 * Every problem of a ruleset, for authors, control planes and whoever takes rulesets in: where, what and what to do. Never
 * throws and changes nothing, whatever comes in. `compileRuleset` sets a flag aside exactly when there is a problem at or
 * below the flag's path; one that is broken by a segment has a problem at each of its references to it.
 */
export function validateRuleset(json: unknown, options: ValidateOptions = {}): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (path, code, message, hint) => {
    problems.push({ path, code, message, hint });
  };
  if (isObject(json) && json['format'] !== 1) {
    const { format } = json;
    report(
      ['format'],
      'FORMAT',
      `\`format\` is ${words(format)}, and this reader knows format 1.`,
      'Make it 1, or update the reader.',
    );
    // What another format means by its members is not known here.
    if (typeof format === 'number') return problems;
  }
  const document = checkShape<Ruleset>(report, [], json, DOCUMENT, 'A ruleset', true);
  if (!document) return problems;
  if (document.epoch !== undefined && !/^[0-9a-z_-]+$/.test(document.epoch)) {
    const hint = 'Use the digits, small letters, `-` and `_`.';
    report(['epoch'], 'VALUE', `\`epoch\` is ${words(document.epoch)}, which cannot stand in a position.`, hint);
  }
  const flags = entriesOf(report, 'flags', document.flags);
  const segments = entriesOf(report, 'segments', document.segments);
  const compiled = compileForQuestions(flags, segments, options.bucketers ?? []);
  const references = createReferences(compiled);
  const check = (kind: string, key: string, code: Problem['code'] | undefined, run: (fresh: Check) => void): void => {
    const before = problems.length;
    run({ report, compiled, references, segment: kind === 'segments' ? key : undefined });
    const own = new Set(problems.slice(before).map((problem) => problem.code));
    // Only the compiler counts steps.
    if (code === 'LIMIT' && !own.has('LIMIT') && !own.has('SEGMENT')) {
      const message = `A read may have to take more than ${MAX_STEPS} steps here, and in what this refers to.`;
      const hint = 'Bring conditions, operands and references down: put long lists into one `in`, or into a segment.';
      report([kind, key], code, message, hint);
      return;
    }
    // A net under the checks above; tests hold that nothing falls into it.
    if (code && !own.size) report([kind, key], code, UNEXPLAINED, 'Report this: it should say more.');
  };
  for (const key of Object.keys(segments)) {
    const found = compileSegment(compiled, key, 1);
    const code = typeof found === 'string' ? found : undefined;
    check('segments', key, code, (fresh) => checkSegment(fresh, key, segments[key]));
  }
  for (const key of Object.keys(flags))
    check('flags', key, problemOf(compiled, key), (fresh) => checkFlag(fresh, key, flags[key]));
  return problems;
}
