import type { BucketRange, Clause, Condition } from '@flags/core';
import { readBucketing } from './bucketing.ts';
import type { Expansion } from './expansion.ts';
import { allOf, CLAUSE_OPTIONS, expandOperand, OPERATORS } from './operand.ts';
import { checkMembers, expanded, memberOf, present, readList, readMap, readName, readText } from './read.ts';
import { DEFAULT_TOTAL, readShare } from './share.ts';
import { describe, type MapNode, type SourceNode, type Spot } from './source.ts';
import { suggest } from './suggest.ts';
import { expandTime } from './time-window.ts';

// Words that are no attributes in a condition.
const RESERVED: ReadonlySet<string> = new Set(['all', 'any', 'not', 'segment', 'time', 'bucket', 'attr']);

/** Members of `bucket:`. */
export const BUCKET_MEMBERS: readonly string[] = ['salt', 'from', 'to', 'by', 'total', 'bucketer'];

// Members of a rule, met in a condition when someone nested or indented too far.
const STRAY: ReadonlySet<string> = new Set(['if', 'when', 'serve']);

const ATTR_HINT = 'For an attribute of that name write { attr: NAME, eq: VALUE }.';

/** Expands a condition: a mapping whose members all have to hold. */
export function expandCondition(expansion: Expansion, node: SourceNode): Condition | undefined {
  if (node.kind === 'list') {
    return expansion.fail(node, 'TYPE', 'A condition is a mapping, not a list.', 'Put the list behind all: or any:.');
  }
  if (node.kind === 'scalar') {
    const hint =
      typeof node.value === 'string' && expansion.segments.has(node.value)
        ? `For the segment write { segment: ${node.value} }.`
        : 'Write for example { plan: pro } or { segment: beta }.';
    return expansion.fail(node, 'TYPE', `A condition is a mapping, not ${describe(node)}.`, hint);
  }
  if (!node.entries.size) {
    return expansion.fail(
      node,
      'VALUE',
      'The condition is empty, so it says nothing.',
      'Add an attribute, such as { plan: pro }.',
    );
  }
  if (node.entries.has('attr')) return expandFullClause(expansion, node);
  const parts: (Condition | undefined)[] = [];
  for (const [word, { name, value }] of node.entries) {
    if (STRAY.has(word)) {
      const message = `${word}: does not belong into a condition.`;
      parts.push(expansion.fail(name, 'MEMBER', message, `Write what stands behind it one level up. ${ATTR_HINT}`));
    } else if (RESERVED.has(word)) parts.push(expandReserved(expansion, word, name, value));
    else {
      const part = expandOperand(expansion, word, value, name);
      // Several operators on one attribute join what stands beside it.
      parts.push(...(part && 'all' in part ? part.all : [part]));
    }
  }
  return allOf(expansion, expanded(parts), node);
}

function expandReserved(expansion: Expansion, word: string, name: Spot, value: SourceNode): Condition | undefined {
  switch (word) {
    case 'all':
    case 'any': {
      const list = readList(expansion, value, word, `Write ${word}: [{ plan: pro }, { country: DE }]. ${ATTR_HINT}`);
      if (!list) return undefined;
      if (!list.items.length) return expansion.fail(value, 'VALUE', `${word}: is empty.`, 'Add a condition.');
      const parts = expanded(list.items.map((item) => expandCondition(expansion, item)));
      return expansion.from(word === 'all' ? { all: parts } : { any: parts }, name);
    }
    case 'not': {
      const part = expandCondition(expansion, value);
      return part && expansion.from({ not: part }, name);
    }
    case 'time': {
      const time = expandTime(expansion, value);
      return time && expansion.from({ time }, name);
    }
    case 'bucket': {
      const bucket = expandBucket(expansion, value);
      return bucket && expansion.from({ bucket }, name);
    }
    default:
      return expandSegments(expansion, name, value);
  }
}

function expandSegments(expansion: Expansion, name: Spot, value: SourceNode): Condition | undefined {
  if (value.kind === 'map') {
    return expansion.fail(value, 'TYPE', 'segment: takes a name, not a mapping.', `Write segment: NAME. ${ATTR_HINT}`);
  }
  const items = value.kind === 'list' ? value.items : [value];
  if (!items.length) return expansion.fail(value, 'VALUE', 'segment: is empty.', 'Add the name of a segment.');
  const parts = items.map((item): Condition | undefined => {
    const segment = readName(expansion, item, 'The segment');
    if (segment === undefined) return undefined;
    if (!expansion.segments.has(segment)) {
      const hint = suggest(segment, expansion.segments.keys(), 'segments', expansion.problems.length);
      return expansion.fail(item, 'SEGMENT', `There is no segment ${JSON.stringify(segment)}.`, hint);
    }
    return expansion.from({ segment }, item);
  });
  const known = expanded(parts);
  return known.length > 1 ? expansion.from({ any: known }, name) : known[0];
}

function expandBucket(expansion: Expansion, node: SourceNode): BucketRange | undefined {
  const hint = `Write bucket: { salt: checkout-layer, from: 0%, to: 50% }. ${ATTR_HINT}`;
  const map = readMap(expansion, node, 'bucket', hint);
  if (!map) return undefined;
  checkMembers(expansion, map, BUCKET_MEMBERS, 'bucket');
  const bucketing = readBucketing(expansion, map);
  if (bucketing.salt === undefined && !memberOf(map, 'salt')) {
    return expansion.fail(
      node,
      'MEMBER',
      'A bucket range needs a salt.',
      'Add one; ranges with the same salt never overlap.',
    );
  }
  const [fromNode, toNode] = [memberOf(map, 'from'), memberOf(map, 'to')];
  if (!fromNode && !toNode) return expansion.fail(node, 'MEMBER', 'A bucket range needs from or to.', hint);
  const from = fromNode ? readShare(expansion, fromNode, bucketing.total) : 0;
  const to = toNode ? readShare(expansion, toNode, bucketing.total) : (bucketing.total ?? DEFAULT_TOTAL);
  if (from === undefined || to === undefined || bucketing.salt === undefined) return undefined;
  if (from > to)
    return expansion.fail(
      toNode ?? node,
      'SHARE',
      'The range ends before it begins.',
      'to has to be larger than from.',
    );
  const range = present<BucketRange>({ ...bucketing, salt: bucketing.salt, from, to });
  return expansion.from(range, node, { from: fromNode, to: toNode, by: memberOf(map, 'by') });
}

/** The long form, for attributes with reserved names or names with dots: `{ attr, op, values }` or `{ attr, <operator> }`. */
function expandFullClause(expansion: Expansion, map: MapNode): Condition | undefined {
  const node = memberOf(map, 'attr')!;
  const attr = readAttr(expansion, node);
  const op = memberOf(map, 'op');
  const values = memberOf(map, 'values') ?? memberOf(map, 'value');
  if (!op) {
    if (values) return expansion.fail(map, 'OPERATOR', 'values need an operator.', 'Add op: in.');
    return attr === undefined ? undefined : expandOperand(expansion, attr, map, map, ['attr']);
  }
  checkMembers(expansion, map, ['attr', 'op', 'values', ...CLAUSE_OPTIONS], 'this condition');
  const name = readText(expansion, op, 'op');
  if (attr === undefined || name === undefined) return undefined;
  if (!(OPERATORS as readonly string[]).includes(name)) {
    return expansion.fail(
      op,
      'OPERATOR',
      `There is no operator ${JSON.stringify(name)}.`,
      suggest(name, OPERATORS, 'operators'),
    );
  }
  const operand =
    values ?? (name === 'exists' ? { ...op, kind: 'scalar' as const, value: true, source: 'true' } : undefined);
  if (!operand) return expansion.fail(map, 'OPERATOR', `${name} needs values.`, 'Add values: [a, b].');
  // The same as the operator as a member, so that both forms mean the same.
  const entries = new Map([...map.entries].filter(([member]) => CLAUSE_OPTIONS.includes(member)));
  entries.set(name, { name: { ...op, kind: 'scalar', value: name, source: name }, value: operand });
  return expandOperand(expansion, attr, { ...map, entries }, map);
}

function readAttr(expansion: Expansion, node: SourceNode): Clause['attr'] | undefined {
  if (node.kind !== 'list') return readName(expansion, node, 'attr');
  const names = node.items.map((item) => readName(expansion, item, 'Each of attr'));
  if (!names.length) return expansion.fail(node, 'VALUE', 'attr is empty.', 'Name an attribute.');
  return names.every((name) => name !== undefined) ? names : undefined;
}
