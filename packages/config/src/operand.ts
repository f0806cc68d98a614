import type { Clause, Condition, Json, Operator } from '@flags/core';
import type { Expansion } from './expansion.ts';
import { expanded, memberOf, present, readBoolean, readText } from './read.ts';
import { describe, type MapNode, type SourceNode, type Spot } from './source.ts';
import { suggest } from './suggest.ts';

/** Every operator of the ruleset. */
export const OPERATORS: readonly Operator[] = [
  'eq',
  'in',
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'lt',
  'lte',
  'gt',
  'gte',
  'before',
  'after',
  'exists',
  'cidr',
  'verEq',
  'verLt',
  'verLte',
  'verGt',
  'verGte',
];

/** What may stand beside operators. */
export const CLAUSE_OPTIONS: readonly string[] = ['as', 'ignoreCase', 'ifMissing'];

/** What `as` may say. */
export const COERCIONS = ['string', 'number', 'date', 'version'] as const;

// Names that other systems use.
const COMMON: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '=': 'eq',
    '==': 'eq',
    is: 'eq',
    equals: 'eq',
    '!=': 'notEq',
    ne: 'notEq',
    neq: 'notEq',
    isNot: 'notEq',
    oneOf: 'in',
    nin: 'notIn',
    '<': 'lt',
    '<=': 'lte',
    '>': 'gt',
    '>=': 'gte',
    min: 'gte',
    max: 'lte',
    regex: 'matches',
    match: 'matches',
    pattern: 'matches',
    includes: 'contains',
    prefix: 'startsWith',
    suffix: 'endsWith',
    ip: 'cidr',
    semver: 'verGte',
    version: 'verGte',
    present: 'exists',
    between: 'gte and lt',
  }),
);

const isOperator = (word: string): word is Operator => (OPERATORS as readonly string[]).includes(word);

/** `notIn` → `in`; `undefined` for anything that is no negated operator. */
function negated(word: string): Operator | undefined {
  const operator = word.slice(3, 4).toLowerCase() + word.slice(4);
  return /^not[A-Z]/.test(word) && isOperator(operator) ? operator : undefined;
}

/** An operand or a list of them. */
function readValues(expansion: Expansion, node: SourceNode, asVersion: boolean): Json[] | undefined {
  const items = node.kind === 'list' ? node.items : [node];
  if (!items.length) return expansion.fail(node, 'VALUE', 'The list is empty, so nothing would match.', 'Add a value.');
  const values: Json[] = [];
  for (const item of items) {
    if (item.kind !== 'scalar' || item.value === null) {
      const what = item.kind === 'scalar' ? 'null' : describe(item);
      const hint =
        item.kind === 'scalar'
          ? 'For a missing attribute write { exists: false }.'
          : 'Compare with texts, numbers and booleans.';
      return expansion.fail(item, 'TYPE', `An attribute cannot be compared with ${what}.`, hint);
    }
    // 2.10 is a version here; as a number it would be 2.1.
    values.push(asVersion && typeof item.value === 'number' ? item.source : item.value);
  }
  return values;
}

/** Joins conditions that all have to hold; gives `undefined` for none. */
export function allOf(expansion: Expansion, parts: readonly Condition[], at: Spot): Condition | undefined {
  return parts.length > 1 ? expansion.from({ all: parts }, at) : parts[0];
}

/**
 * Expands what an attribute is compared with: a value (`eq`), a list (`in`), or a mapping of operators that all have to hold,
 * with `as`, `ignoreCase` and `ifMissing` beside them. `skip` names members of the mapping that belong to someone else.
 */
export function expandOperand(
  expansion: Expansion,
  attr: Clause['attr'],
  node: SourceNode,
  at: Spot,
  skip: readonly string[] = [],
): Condition | undefined {
  const clause = (op: Operator, operand: SourceNode, options: Partial<Clause> = {}): Condition | undefined => {
    if (op === 'exists') {
      const wanted = readBoolean(expansion, operand, 'exists');
      if (wanted === undefined) return undefined;
      const exists: Condition = expansion.from({ attr, op, ...options }, at);
      return wanted ? exists : expansion.from({ not: exists }, at);
    }
    const values = readValues(expansion, operand, options.as === 'version' || op.startsWith('ver'));
    return values && expansion.from({ attr, op, values, ...options }, at, { attr: at, op: at, values: operand });
  };
  if (node.kind === 'list') return clause('in', node);
  if (node.kind === 'scalar') return clause('eq', node);

  const options = readOptions(expansion, node);
  const parts: (Condition | undefined)[] = [];
  for (const [word, { name, value }] of node.entries) {
    if (CLAUSE_OPTIONS.includes(word) || skip.includes(word)) continue;
    const opposite = negated(word);
    if (isOperator(word)) parts.push(clause(word, value, options));
    else if (opposite) {
      const positive = clause(opposite, value, options);
      parts.push(positive && expansion.from({ not: positive }, name));
    } else if (word === 'not') {
      const positive = expandNot(expansion, attr, value, name, options);
      parts.push(positive && expansion.from({ not: positive }, name));
    } else {
      const common = COMMON.get(word);
      const known = [
        ...OPERATORS,
        ...OPERATORS.map((op) => `not${op[0]!.toUpperCase()}${op.slice(1)}`),
        'not',
        ...CLAUSE_OPTIONS,
      ];
      const near = common ? `Write ${common}.` : suggest(word, known, 'operators');
      const path =
        typeof attr === 'string' ? ` A nested attribute is written ${JSON.stringify(`${attr}.${word}`)}.` : '';
      parts.push(expansion.fail(name, 'OPERATOR', `There is no operator ${JSON.stringify(word)}.`, near + path));
    }
  }
  if (!parts.length) {
    return expansion.fail(
      node,
      'OPERATOR',
      'There is nothing to compare with.',
      'Add an operator, such as { in: [a, b] }.',
    );
  }
  return allOf(expansion, expanded(parts), node);
}

function expandNot(
  expansion: Expansion,
  attr: Clause['attr'],
  node: SourceNode,
  at: Spot,
  options: Partial<Clause>,
): Condition | undefined {
  if (node.kind === 'map') return expandOperand(expansion, attr, node, at);
  const values = readValues(expansion, node, options.as === 'version');
  const op = node.kind === 'list' ? 'in' : 'eq';
  return values && expansion.from<Condition>({ attr, op, values, ...options }, at, { values: node });
}

function readOptions(expansion: Expansion, map: MapNode): Partial<Clause> {
  const [asNode, foldNode, missingNode] = ['as', 'ignoreCase', 'ifMissing'].map((name) => memberOf(map, name));
  const text = asNode && readText(expansion, asNode, 'as');
  const as = COERCIONS.find((coercion) => coercion === text);
  if (text !== undefined && !as) {
    expansion.fail(asNode!, 'OPERATOR', `There is no type ${JSON.stringify(text)}.`, suggest(text, COERCIONS, 'types'));
  }
  return present<Partial<Clause>>({
    as,
    ignoreCase: foldNode && readBoolean(expansion, foldNode, 'ignoreCase'),
    ifMissing: missingNode && readBoolean(expansion, missingNode, 'ifMissing'),
  });
}
