import type { Segment } from '@flags/core';
import { expandCondition } from './condition.ts';
import type { Expansion } from './expansion.ts';
import { checkMembers, expanded, memberOf, present, readBoolean, readList, readNames, readText } from './read.ts';
import type { SourceNode } from './source.ts';

/** A segment without its version and digest. */
export type SegmentBody = Omit<Segment, 'version' | 'digest'>;

/** Members of a segment. */
export const SEGMENT_MEMBERS: readonly string[] = [
  'description',
  'owner',
  'tags',
  'include',
  'exclude',
  'if',
  'rules',
  'by',
  'client',
  'external',
];

/** Expands a segment: a mapping, or a list of the keys it includes. Of one with problems, this is what could be expanded. */
export function expandSegment(expansion: Expansion, key: string, node: SourceNode): SegmentBody {
  if (node.kind === 'scalar') {
    expansion.fail(
      node,
      'TYPE',
      'A segment is a mapping or a list.',
      'Write { if: { plan: pro } }, or [user-1, user-2].',
    );
    return { key };
  }
  if (node.kind === 'list') {
    const include = readNames(expansion, node, 'the segment') ?? [];
    return expansion.from({ key, include }, node, { include: node });
  }
  checkMembers(expansion, node, SEGMENT_MEMBERS, 'a segment');
  const at = (name: string): SourceNode | undefined => memberOf(node, name);
  const read = <T>(name: string, reader: (member: SourceNode) => T): T | undefined => {
    const member = at(name);
    return member && reader(member);
  };
  for (const name of ['description', 'owner']) read(name, (member) => readText(expansion, member, name));
  read('tags', (member) => readNames(expansion, member, 'tags'));
  if (at('if') && at('rules')) {
    const { name } = node.entries.get('rules')!;
    expansion.fail(name, 'DUPLICATE', 'if and rules both say who belongs.', 'Put the if into the rules.');
  }
  const list = read('rules', (member) => readList(expansion, member, 'rules', 'Write - { plan: pro } for each.'));
  const written = at('if') ? [at('if')!] : list?.items;
  const body = present<SegmentBody>({
    key,
    include: read('include', (member) => readNames(expansion, member, 'include')),
    exclude: read('exclude', (member) => readNames(expansion, member, 'exclude')),
    by: read('by', (member) => readText(expansion, member, 'by')),
    client: read('client', (member) => readBoolean(expansion, member, 'client')),
    external: read('external', (member) => readBoolean(expansion, member, 'external')),
    rules: written && expanded(written.map((item) => expandCondition(expansion, item))),
  });
  const members = { include: at('include'), exclude: at('exclude'), rules: at('if') ?? at('rules'), by: at('by') };
  return expansion.from(body, node, members);
}
