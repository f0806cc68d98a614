import type { CompiledRuleset } from './compiled.ts';
import { CONDITION_MEMBERS } from './condition.ts';
import { MAX_CONDITION_DEPTH, MAX_SEGMENT_DEPTH } from './limits.ts';
import { suggest } from './nearest.ts';
import type { References } from './references.ts';
import { checkShape, type ProblemPath, type Report, words } from './report.ts';
import { compileSegment } from './segment.ts';
import { isObject } from './shape.ts';
import { checkRange } from './validate-bucket.ts';
import { checkClause } from './validate-clause.ts';
import { checkWindow } from './validate-time.ts';

/** What is known while one entry is checked. */
export interface Check {
  readonly report: Report;
  /** The same ruleset, to ask about other entries. */
  readonly compiled: CompiledRuleset;
  readonly references: References;
  /** The segment that is checked, if it is one. */
  readonly segment: string | undefined;
}

interface Groups {
  readonly all?: readonly unknown[];
  readonly any?: readonly unknown[];
  readonly segment?: string;
}

const KINDS = CONDITION_MEMBERS.split(' ').map((member) => member.slice(0, member.indexOf(':')));

function checkSegment({ report, compiled, references, segment }: Check, path: ProblemPath, key: string): void {
  const found = compileSegment(compiled, key, 1);
  if (typeof found === 'object') {
    if (segment !== undefined && found.depth >= MAX_SEGMENT_DEPTH) {
      const message = `Segments below this one refer to each other ${found.depth + 1} levels deep.`;
      report(path, 'LIMIT', message, `Nest segments at most ${MAX_SEGMENT_DEPTH} levels deep.`);
    }
    return;
  }
  const way = segment === undefined ? undefined : references.segmentWay(key, segment);
  if (!compiled.segments.has(key)) {
    const hint = suggest(report, key, [...compiled.segments.keys()], 'segments');
    report(path, 'SEGMENT', `There is no segment ${words(key)}.`, hint);
  } else if (way) {
    const message = `The segment refers to itself: ${[segment, ...way].join(' → ')}.`;
    report(path, 'CYCLE', message, 'Take one of these references out.');
  } else {
    const message = `The segment ${words(key)} is broken (${found}), and with it whatever refers to it.`;
    report(path, 'SEGMENT', message, `Mend the segment: see the problems under \`segments\`.`);
  }
}

/** Reports everything that makes the compiler refuse this condition. */
export function checkCondition(check: Check, path: ProblemPath, raw: unknown, nesting = 0): void {
  const { report, compiled } = check;
  if (nesting > MAX_CONDITION_DEPTH) {
    const message = `Conditions are nested more than ${MAX_CONDITION_DEPTH} levels deep.`;
    report(path, 'LIMIT', message, 'Flatten them, or move a part into a segment.');
    return;
  }
  // A clause whose `attr` was forgotten or misspelt is still read as one.
  const isKind = isObject(raw) && KINDS.some((kind) => raw[kind] !== undefined);
  if (isObject(raw) && (raw['attr'] !== undefined || (raw['op'] !== undefined && !isKind))) {
    checkClause(report, path, raw);
    return;
  }
  const groups = checkShape<Groups>(report, path, raw, CONDITION_MEMBERS, 'A condition');
  if (!groups || !isObject(raw)) return;
  const names = Object.keys(raw);
  if (names.length !== 1 && names.every((name) => KINDS.includes(name))) {
    const message = `A condition is one thing; this has ${names.length ? names.join(' and ') : 'nothing'}.`;
    report(
      path,
      'MEMBER',
      message,
      `Write one of ${KINDS.join(', ')}, or a clause; to join several, put them into \`all\`.`,
    );
  }
  for (const [index, part] of groups.all?.entries() ?? [])
    checkCondition(check, [...path, 'all', index], part, nesting + 1);
  for (const [index, part] of groups.any?.entries() ?? [])
    checkCondition(check, [...path, 'any', index], part, nesting + 1);
  if (groups.segment !== undefined) checkSegment(check, [...path, 'segment'], groups.segment);
  if (raw['not'] !== undefined) checkCondition(check, [...path, 'not'], raw['not'], nesting + 1);
  if (raw['time'] !== undefined) checkWindow(report, [...path, 'time'], raw['time']);
  if (raw['bucket'] !== undefined) checkRange(report, [...path, 'bucket'], raw['bucket'], compiled);
}
