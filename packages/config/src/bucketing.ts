import type { Bucketing } from '@flags/core';
import type { Expansion } from './expansion.ts';
import { memberOf, present, readText } from './read.ts';
import { readTotal } from './share.ts';
import type { MapNode } from './source.ts';

/** Members of everything that buckets. */
export const BUCKETING_MEMBERS: readonly string[] = ['by', 'salt', 'bucketer', 'total'];

/** Reads how units are put into buckets. */
export function readBucketing(expansion: Expansion, map: MapNode): Bucketing {
  const text = (name: string): string | undefined => {
    const node = memberOf(map, name);
    const read = node && readText(expansion, node, name);
    return read === '' ? expansion.fail(node!, 'VALUE', `${name} is empty.`, 'Write it out, or leave it out.') : read;
  };
  const bucketer = text('bucketer');
  if (bucketer !== undefined) expansion.bucketers.add(bucketer);
  return present<Bucketing>({
    by: text('by'),
    salt: text('salt'),
    bucketer,
    total: readTotal(expansion, memberOf(map, 'total')),
  });
}
