import type { Json } from '@flags/core';
import type { Expansion } from './expansion.ts';
import { describe, type ListNode, type MapNode, type SourceNode } from './source.ts';
import { suggest } from './suggest.ts';

/** The node's text, or a problem. `what` begins the message: `The owner`. */
export function readText(expansion: Expansion, node: SourceNode, what: string): string | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string') return node.value;
  const hint =
    node.kind === 'scalar' && node.value !== null ? `Put quotes around it: "${node.source}".` : 'Write a text.';
  return expansion.fail(node, 'TYPE', `${what} has to be a text, not ${describe(node)}.`, hint);
}

/** The node's boolean, or a problem. */
export function readBoolean(expansion: Expansion, node: SourceNode, what: string): boolean | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  return expansion.fail(
    node,
    'TYPE',
    `${what} has to be true or false, not ${describe(node)}.`,
    'Write true or false.',
  );
}

/**
 * The node as the name of something or as the key of a user, or a problem. Numbers are taken as they are written, unless
 * that is not how they would be printed: `007` has to be quoted.
 */
export function readName(expansion: Expansion, node: SourceNode, what: string): string | undefined {
  if (node.kind === 'scalar') {
    if (typeof node.value === 'string') return node.value;
    if (typeof node.value === 'number' && String(node.value) === node.source) return node.source;
  }
  return readText(expansion, node, what);
}

/** The node as a list of names; a single name is a list of one. */
export function readNames(expansion: Expansion, node: SourceNode, what: string): string[] | undefined {
  if (node.kind === 'map') {
    return expansion.fail(node, 'TYPE', `${what} has to be a list, not a mapping.`, 'Write [first, second].');
  }
  const names = (node.kind === 'list' ? node.items : [node]).map((item) =>
    readName(expansion, item, `Each of ${what}`),
  );
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** The node as a list, or a problem. */
export function readList(expansion: Expansion, node: SourceNode, what: string, hint: string): ListNode | undefined {
  if (node.kind === 'list') return node;
  return expansion.fail(node, 'TYPE', `${what} has to be a list, not ${describe(node)}.`, hint);
}

/** The node as a mapping, or a problem. */
export function readMap(expansion: Expansion, node: SourceNode, what: string, hint: string): MapNode | undefined {
  if (node.kind === 'map') return node;
  return expansion.fail(node, 'TYPE', `${what} has to be a mapping, not ${describe(node)}.`, hint);
}

/** Notes every member that is not among the known ones, with the nearest. Members that begin with `x-` are the writer's own. */
export function checkMembers(expansion: Expansion, map: MapNode, known: readonly string[], what: string): void {
  for (const [member, { name }] of map.entries) {
    if (known.includes(member) || member.startsWith('x-')) continue;
    expansion.fail(
      name,
      'MEMBER',
      `${JSON.stringify(member)} is not a member of ${what}.`,
      suggest(member, known, 'members'),
    );
  }
}

/** The value of a member, if it is there. */
export function memberOf(map: MapNode, name: string): SourceNode | undefined {
  return map.entries.get(name)?.value;
}

/** The node as plain JSON; objects have no prototype. */
export function toJson(node: SourceNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  const object = Object.create(null) as Record<string, Json>;
  for (const [key, { value }] of node.entries) object[key] = toJson(value);
  return object;
}

/** The object without its undefined members. */
export function present<T extends object>(object: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/**
 * What could be expanded of several parts. Each of the others is a problem of the file already; the rest is put together all
 * the same, so that its problems are found too.
 */
export function expanded<T>(parts: readonly (T | undefined)[]): T[] {
  return parts.filter((part): part is T => part !== undefined);
}
