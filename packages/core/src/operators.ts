import { fail, listOf, nameOf, objectOf, optionalBoolean, stringOf, stringsOf } from './broken.ts';
import { inCidr, parseAddress, parseCidr } from './cidr.ts';
import type { ClauseNode, Coercion, Comparison } from './compiled.ts';
import { type EvaluationContext, parsePath, readAttribute, timeOf } from './context.ts';
import { parseInstant } from './instant.ts';
import { compilePattern, MAX_PATTERN_INPUT } from './pattern.ts';
import { compareVersion, parseVersion, type Version } from './version.ts';

// `before` and the `ver…` operators are comparisons with their coercion built in.
const SHORT = new Map<string, readonly [op: string, as: Coercion]>([
  ['before', ['lt', 'date']],
  ['after', ['gt', 'date']],
  ['verEq', ['eq', 'version']],
  ['verLt', ['lt', 'version']],
  ['verLte', ['lte', 'version']],
  ['verGt', ['gt', 'version']],
  ['verGte', ['gte', 'version']],
]);

const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase());

/** The attribute or operand in the type asked for, `undefined` when it is of the wrong one. */
function coerce(value: unknown, as: Coercion | undefined): unknown {
  const time = typeof value === 'object' ? timeOf(value) : undefined;
  if (Number.isNaN(time)) return undefined;
  if (as === undefined) return value;
  if (as === 'string') {
    if (time !== undefined) return new Date(time).toISOString();
    return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
      ? String(value)
      : undefined;
  }
  if (as === 'version') return typeof value === 'string' ? value : undefined;
  if (time !== undefined || typeof value === 'number') return time ?? value;
  if (typeof value !== 'string') return undefined;
  if (as === 'date') return parseInstant(value);
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined;
}

function operandOf(value: unknown, as: Coercion | undefined, fold: boolean): unknown {
  const operand = coerce(value, as);
  if (typeof operand === 'string') return fold ? foldAscii(operand) : operand;
  return typeof operand === 'boolean' || Number.isFinite(operand) ? operand : fail(as ? 'VALUE' : 'TYPE');
}

/** Prepares a clause; `not` is the sum of the negations around it. */
export function compileClause(value: unknown, not: boolean): ClauseNode {
  const raw = objectOf(value, 'attr op values as ignoreCase ifMissing');
  const path = parsePath(typeof raw['attr'] === 'string' ? nameOf(raw['attr']) : stringsOf(raw['attr']));
  if (!path.length) fail('VALUE');
  const name = stringOf(raw['op']);
  if (name === 'exists') {
    if (Object.keys(raw).length > 2) fail('OPERATOR');
    // Two-valued: a missing attribute does not exist, so the negation holds.
    return { op: name, data: undefined, path, as: undefined, fold: false, not, missing: not };
  }
  const [op, builtIn] = SHORT.get(name) ?? [name];
  const as = (raw['as'] ?? builtIn) as Coercion | undefined;
  if (builtIn && as !== builtIn) fail('OPERATOR');
  if (as !== undefined && as !== 'string' && as !== 'number' && as !== 'date' && as !== 'version') fail('OPERATOR');
  const fold = optionalBoolean(raw['ignoreCase']) === true;
  const rest = { path, as, fold, not, missing: optionalBoolean(raw['ifMissing']) === true };
  const values = listOf(raw['values']);
  if (!values.length) fail('VALUE');
  const textual = as === undefined || as === 'string';
  if (fold && (!textual || op === 'cidr')) fail('OPERATOR');
  switch (op) {
    case 'eq':
    case 'in': {
      if (as === 'version') break;
      const operands = values.map((operand) => operandOf(operand, as, fold));
      if (operands.length === 1) return { op: 'eq', data: operands[0], ...rest };
      const types = new Set(operands.map((operand) => typeof operand));
      return { op: 'in', data: { set: new Set(operands), types }, ...rest };
    }
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'matches':
    case 'cidr': {
      if (!textual) return fail('OPERATOR');
      const texts = values.map(stringOf);
      if (op === 'cidr') return { op, data: texts.map((text) => parseCidr(text) ?? fail('VALUE')), ...rest };
      // Patterns fold by themselves: folding their text would turn `\D` into `\d`.
      if (op === 'matches') {
        return { op, data: texts.map((text) => compilePattern(text, fold) ?? fail('PATTERN')), ...rest, fold: false };
      }
      return { op: op === 'contains' ? 'includes' : op, data: fold ? texts.map(foldAscii) : texts, ...rest };
    }
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      if (fold || as === 'string') fail('OPERATOR');
      break;
    default:
      fail('OPERATOR');
  }
  const bounds = values.map((bound): number | Version => {
    if (as === 'version') return parseVersion(stringOf(bound)) ?? fail('VALUE');
    const operand = operandOf(bound, as, false);
    return typeof operand === 'number' ? operand : fail('TYPE');
  });
  const data: Comparison = {
    low: op[0] === 'l',
    equal: op[0] === 'e' || op === 'in' || op[2] === 'e',
    high: op[0] === 'g',
    bounds,
  };
  return { op: 'compare', data, ...rest };
}

/** Whether one element satisfies the clause, `undefined` when it is of the wrong type. */
function testElement(node: ClauseNode, element: unknown): boolean | undefined {
  let value = element;
  if (node.as !== undefined || typeof value === 'object') value = coerce(value, node.as);
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  if (node.fold && typeof value === 'string') value = foldAscii(value);
  switch (node.op) {
    case 'eq':
      return value === node.data || (typeof value === typeof node.data ? false : undefined);
    case 'in':
      return node.data.set.has(value) || (node.data.types.has(typeof value) ? false : undefined);
    case 'compare': {
      const { low, equal, high, bounds } = node.data;
      if (typeof value !== (node.as === 'version' ? 'string' : 'number')) return undefined;
      for (const bound of bounds) {
        const sign = typeof bound === 'number' ? (value as number) - bound : compareVersion(value as string, bound);
        if (Number.isNaN(sign)) return undefined;
        if (sign < 0 ? low : sign > 0 ? high : equal) return true;
      }
      return false;
    }
    case 'exists':
      return (
        typeof value === 'string' ||
        typeof value === 'boolean' ||
        typeof value === 'number' ||
        timeOf(value) !== undefined ||
        undefined
      );
  }
  if (typeof value !== 'string') return undefined;
  switch (node.op) {
    case 'matches':
      if (value.length > MAX_PATTERN_INPUT) return undefined;
      for (const matches of node.data) if (matches(value)) return true;
      return false;
    case 'cidr': {
      const address = parseAddress(value);
      return address && node.data.some((cidr) => inCidr(cidr, address));
    }
    default:
      for (const text of node.data) if (value[node.op](text)) return true;
      return false;
  }
}

/** Whether the clause holds: any element of the attribute with any of the operands, and its negation where it has one. */
export function clauseHolds(node: ClauseNode, context: EvaluationContext): boolean {
  const value = readAttribute(context, node.path);
  let outcome: boolean | undefined;
  if (Array.isArray(value)) {
    // An empty list is there, and has nothing in it.
    if (!value.length) outcome = node.op === 'exists';
    for (const element of value as readonly unknown[]) {
      const one = Array.isArray(element) ? undefined : testElement(node, element);
      if (one !== undefined) outcome = one;
      if (one) break;
    }
  } else if (value !== undefined) outcome = testElement(node, value);
  return outcome === undefined ? node.missing : outcome !== node.not;
}
