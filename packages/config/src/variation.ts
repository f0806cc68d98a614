import type { FlagType, Json, Variation } from '@flags/core';
import type { Expansion, FlagOutline } from './expansion.ts';
import { checkMembers, memberOf, readName, toJson } from './read.ts';
import { describe, type SourceNode } from './source.ts';
import { suggest } from './suggest.ts';

/** A flag's type when nothing says otherwise: that of its values. */
export function typeOf(value: Json): FlagType {
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number')
    return typeof value as FlagType;
  return 'object';
}

/** Expands a mapping of names to values, or a list of `{ name, value }` or of texts and numbers that name themselves. */
export function expandVariations(expansion: Expansion, node: SourceNode): Variation[] | undefined {
  const hint = 'Write { small: 10, large: 50 }, or [blue, green] where each value is its own name.';
  if (node.kind === 'scalar') {
    return expansion.fail(node, 'TYPE', `variations is a mapping or a list, not ${describe(node)}.`, hint);
  }
  const written: { readonly name: string; readonly value: SourceNode; readonly at: SourceNode }[] = [];
  let complete = true;
  if (node.kind === 'map') {
    for (const [name, entry] of node.entries) written.push({ name, value: entry.value, at: entry.name });
  } else {
    for (const item of node.items) {
      if (item.kind === 'map') checkMembers(expansion, item, ['name', 'value'], 'a variation');
      const nameNode = item.kind === 'map' ? memberOf(item, 'name') : item;
      const value = item.kind === 'map' ? memberOf(item, 'value') : item;
      if (!nameNode || !value) {
        expansion.fail(
          item,
          'MEMBER',
          'A variation in a list has a name and a value.',
          'Write { name: small, value: 10 }.',
        );
        complete = false;
        continue;
      }
      const name = readName(expansion, nameNode, 'The name of a variation');
      if (name === undefined) complete = false;
      else written.push({ name, value, at: nameNode });
    }
  }
  if (complete && !written.length) return expansion.fail(node, 'VARIATION', 'There are no variations.', hint);
  for (const { value } of written) {
    if (value.kind !== 'scalar' || value.value !== null) continue;
    complete = false;
    expansion.fail(
      value,
      'TYPE',
      'The variation has no value.',
      'Write one; for "nothing" use an empty text, list or mapping.',
    );
  }
  const variations = written.map(({ name, value, at }) => {
    const variation = { name, value: toJson(value) };
    return expansion.from(variation, at, { name: at, value });
  });
  return complete ? variations : undefined;
}

/**
 * The name of the variation the node stands for. In a flag that has no variation of that name, `true` and `false` stand for
 * the variation with that value.
 */
export function readVariation(expansion: Expansion, outline: FlagOutline, node: SourceNode): string | undefined {
  const { variations } = outline;
  if (node.kind !== 'scalar' || node.value === null) {
    return expansion.fail(
      node,
      'TYPE',
      `A variation is a name, not ${describe(node)}.`,
      'Write the name of a variation.',
    );
  }
  // The variations are a problem of their own.
  if (!variations) return undefined;
  if (variations.has(node.source)) return node.source;
  const value = { true: true, false: false }[node.source];
  for (const [name, other] of variations) if (other === value && value !== undefined) return name;
  const hint = suggest(node.source, variations.keys(), 'variations', expansion.problems.length);
  const text = JSON.stringify(node.source);
  // Where it is like no name, and there are but on and off, it may be meant as the value itself.
  const isImplied = outline.members !== undefined && memberOf(outline.members, 'variations') === undefined;
  const isValue = isImplied && !hint.startsWith('Did you mean');
  const more = isValue ? ` To serve the value ${text}, write variations: { default: ${text} } and serve: default.` : '';
  return expansion.fail(node, 'VARIATION', `There is no variation ${text}.`, hint + more);
}
