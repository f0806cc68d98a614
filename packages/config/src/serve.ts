import type { Serve, Split } from '@flags/core';
import { BUCKETING_MEMBERS, readBucketing } from './bucketing.ts';
import type { Expansion, FlagOutline } from './expansion.ts';
import { checkMembers, memberOf, present, readMap, readText } from './read.ts';
import { expandRollout } from './rollout.ts';
import { checkSum, readShare } from './share.ts';
import { describe, type MapNode, type SourceNode } from './source.ts';
import { readVariation } from './variation.ts';

/** Members of `split:`. */
export const SPLIT_MEMBERS: readonly string[] = ['slices', 'sticky', 'experiment', ...BUCKETING_MEMBERS];

/** Expands what a rule or a flag serves: a variation, shares of variations, `split:` or `rollout:`. */
export function expandServe(
  expansion: Expansion,
  outline: FlagOutline,
  off: string,
  node: SourceNode,
): Serve | undefined {
  if (node.kind === 'list') {
    return expansion.fail(node, 'TYPE', 'serve takes no list.', 'Write a variation, or { on: 25%, off: 75% }.');
  }
  if (node.kind === 'scalar') return serveVariation(expansion, outline, node);
  const [only] = node.entries.size === 1 ? [...node.entries] : [];
  if (only) {
    const [word, { value }] = only;
    // A variation may have one of these names; its share is no mapping.
    if (word === 'split' && value.kind === 'map') return expandSplit(expansion, outline, value);
    if ((word === 'rollout' || word === 'progress') && value.kind === 'map') {
      return expandRollout(expansion, outline, off, value);
    }
    if (word === 'variation' && !outline.variations?.has(word)) return serveVariation(expansion, outline, value);
  }
  const stray = [...node.entries].find(
    ([word, { value }]) => value.kind === 'map' && /^(split|rollout|progress)$/.test(word),
  );
  if (stray) {
    const message = `Nothing can stand beside ${stray[0]}:.`;
    return expansion.fail(
      stray[1].name,
      'MEMBER',
      message,
      `Move the other members into ${stray[0]}:, or remove them.`,
    );
  }
  const slices = readSlices(expansion, outline, node, undefined);
  if (!slices) return undefined;
  return expansion.from({ split: expansion.from({ slices }, node) }, node);
}

function serveVariation(expansion: Expansion, outline: FlagOutline, node: SourceNode): Serve | undefined {
  const variation = readVariation(expansion, outline, node);
  return variation === undefined ? undefined : expansion.from({ variation }, node, { variation: node });
}

function expandSplit(expansion: Expansion, outline: FlagOutline, map: MapNode): Serve | undefined {
  checkMembers(expansion, map, SPLIT_MEMBERS, 'split');
  const bucketing = readBucketing(expansion, map);
  const at = (name: string): SourceNode | undefined => memberOf(map, name);
  const slicesNode = at('slices');
  if (!slicesNode) {
    return expansion.fail(map, 'MEMBER', 'split has no slices.', 'Add for example slices: { on: 25%, off: 75% }.');
  }
  const slices = readSlices(expansion, outline, slicesNode, bucketing.total);
  const [sticky, experiment] = ['sticky', 'experiment'].map((name) => at(name) && readText(expansion, at(name)!, name));
  if (!slices) return undefined;
  const split = present<Split>({ ...bucketing, slices, sticky, experiment });
  const members = {
    by: at('by'),
    salt: at('salt'),
    sticky: at('sticky'),
    slices: slicesNode,
    bucketer: at('bucketer'),
  };
  return expansion.from({ split: expansion.from(split, map, members) }, map);
}

/** Slices as a mapping of variations to shares, or as a list of such mappings or of pairs, where a variation may repeat. */
function readSlices(
  expansion: Expansion,
  outline: FlagOutline,
  node: SourceNode,
  total: number | undefined,
): (readonly [string, number])[] | undefined {
  const written: { readonly name: SourceNode; readonly share: SourceNode; readonly at: SourceNode }[] = [];
  const hint = 'Write { on: 25%, off: 75% }.';
  if (node.kind === 'list') {
    for (const item of node.items) {
      const [name, share, ...more] = item.kind === 'list' ? item.items : [];
      if (name && share && !more.length) written.push({ name, share, at: item });
      else if (item.kind === 'map')
        for (const entry of item.entries.values()) written.push({ name: entry.name, share: entry.value, at: item });
      else
        return expansion.fail(
          item,
          'TYPE',
          `A slice is no ${describe(item).replace(/^an? |^the /, '')}.`,
          'Write [on, 25%].',
        );
    }
  } else {
    const map = readMap(expansion, node, 'The shares', hint);
    if (!map) return undefined;
    for (const { name, value } of map.entries.values()) written.push({ name, share: value, at: name });
  }
  if (!written.length) return expansion.fail(node, 'SPLIT', 'Nothing is shared out.', hint);
  const slices = written.map(({ name, share, at }) => {
    const variation = readVariation(expansion, outline, name);
    const width = readShare(expansion, share, total);
    if (variation === undefined || width === undefined) return undefined;
    return expansion.from([variation, width] as const, at, { 0: name, 1: share });
  });
  if (!slices.every((slice) => slice !== undefined)) return undefined;
  checkSum(
    expansion,
    node,
    slices.map(([, width]) => width),
    total,
  );
  return expansion.from(slices, node);
}
