import { codeOf } from './broken.ts';
import { checkPrerequisites, FLAG_MEMBERS, typeOf } from './flag.ts';
import { MAX_PREREQUISITES, MAX_VALUE_DEPTH } from './limits.ts';
import { checkShape, type ProblemPath, words } from './report.ts';
import type { Flag, FlagType, Prerequisite, Rule, Target, Variation } from './ruleset.ts';
import { isObject } from './shape.ts';
import { type Check, checkCondition } from './validate-condition.ts';
import { checkKey } from './validate-segment.ts';
import { checkServe, createCheckVariation } from './validate-serve.ts';

/** Whether a value is nested deeper than a variation's may be. */
export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth > MAX_VALUE_DEPTH || Object.values(value).some((member) => isTooDeep(member, depth + 1));
}

function checkVariations(
  { report }: Check,
  path: ProblemPath,
  list: readonly unknown[],
  type: FlagType | undefined,
): readonly string[] {
  const names = new Set<string>();
  for (const [index, raw] of list.entries()) {
    const place = [...path, index];
    const variation = checkShape<Variation>(report, place, raw, 'name:n value:v', 'A variation');
    const { name, value } = variation ?? {};
    if (name !== undefined && names.has(name)) {
      const hint = 'Give each variation a name of its own.';
      report([...place, 'name'], 'VARIATION', `There is already a variation ${words(name)}.`, hint);
    } else if (name !== undefined) names.add(name);
    if (value === undefined) continue;
    if (isTooDeep(value)) {
      const message = `The value is nested more than ${MAX_VALUE_DEPTH} levels deep.`;
      report([...place, 'value'], 'LIMIT', message, 'Flatten it.');
    }
    if (type !== undefined && typeOf(value) !== type) {
      const message = `The value is ${words(value)}, and the flag's type is ${type}.`;
      report([...place, 'value'], 'TYPE', message, `Change the value, or the flag's \`type\`.`);
    }
  }
  return [...names];
}

function checkPrerequisiteList(check: Check, path: ProblemPath, key: string, list: readonly unknown[]): void {
  const { report, compiled, references } = check;
  const direct: Prerequisite[] = [];
  const ways: (() => void)[] = [];
  for (const [index, raw] of list.entries()) {
    const place = [...path, index];
    const { flag, variations = [] } =
      checkShape<Prerequisite>(report, place, raw, 'flag:s variations:S', 'A prerequisite') ?? {};
    if (flag === undefined) continue;
    direct.push({ flag, variations });
    ways.push(() => {
      const way = references.flagWay(flag, key);
      if (!way) return;
      const message = `The flag depends on itself: ${[key, ...way].join(' → ')}.`;
      report([...place, 'flag'], 'CYCLE', message, 'Take one of these prerequisites out.');
    });
  }
  try {
    checkPrerequisites(compiled, key, direct);
  } catch (error) {
    if (codeOf(error) === 'CYCLE') for (const reportWay of ways) reportWay();
    else {
      const message = `The flag depends on more than ${MAX_PREREQUISITES} others.`;
      report(path, 'LIMIT', message, 'Take prerequisites out, here or in the flags it depends on.');
    }
  }
}

function checkRequires({ report }: Check, path: ProblemPath, names: readonly string[]): void {
  const known = new Set(FLAG_MEMBERS.split(' ').map((member) => member.slice(0, member.indexOf(':'))));
  for (const [index, name] of names.entries()) {
    if (known.has(name)) continue;
    const message = `The flag needs a reader that knows \`${name.slice(0, 40)}\`, and this one does not.`;
    report([...path, index], 'REQUIRES', message, 'Update the reader, or take the member and its name out.');
  }
}

/** Reports everything that makes the compiler set the flag of this key aside. */
export function checkFlag(check: Check, key: string, raw: unknown): void {
  const { report, compiled } = check;
  const path = ['flags', key];
  const flag = checkShape<Flag>(report, path, raw, FLAG_MEMBERS, 'A flag', true);
  if (!flag || !isObject(raw)) return;
  checkKey(check, path, flag.key, key);
  checkRequires(check, [...path, 'requires'], flag.requires ?? []);
  const names = flag.variations && checkVariations(check, [...path, 'variations'], flag.variations, flag.type);
  const checkVariation = createCheckVariation(report, names);
  checkVariation([...path, 'off'], flag.off);
  checkPrerequisiteList(check, [...path, 'prerequisites'], key, flag.prerequisites ?? []);
  const targets: readonly unknown[] = flag.targets ?? [];
  for (const [index, item] of targets.entries()) {
    const place = [...path, 'targets', index];
    const target = checkShape<Target>(report, place, item, 'variation:s keys:S by:n?', 'A target');
    checkVariation([...place, 'variation'], target?.variation);
  }
  const ids = new Set<string>();
  const rules: readonly unknown[] = flag.rules ?? [];
  for (const [index, item] of rules.entries()) {
    const place = [...path, 'rules', index];
    const rule = checkShape<Rule>(report, place, item, 'id:n when:v serve:v', 'A rule');
    if (!rule) continue;
    const { id, when, serve } = rule;
    if (id !== undefined && ids.size === ids.add(id).size)
      report([...place, 'id'], 'KEY', `There is already a rule ${words(id)}.`, 'Give each rule an id of its own.');
    if (when !== undefined) checkCondition(check, [...place, 'when'], when);
    if (serve !== undefined) checkServe(report, [...place, 'serve'], serve, compiled, checkVariation);
  }
  if (flag.fallthrough !== undefined)
    checkServe(report, [...path, 'fallthrough'], flag.fallthrough, compiled, checkVariation);
}
