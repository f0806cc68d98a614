import type { Flag, FlagType, Variation } from '@flags/core';
import type { Expansion, FlagOutline } from './expansion.ts';
import { checkMembers, memberOf, present, readBoolean, readNames, readText } from './read.ts';
import { expandServe } from './serve.ts';
import type { MapNode, SourceNode } from './source.ts';
import { suggest } from './suggest.ts';
import { expandMetadata, expandPrerequisites, expandRules, expandTargets } from './targeting.ts';
import { expandVariations, readVariation, typeOf } from './variation.ts';

/** A flag without its version and digest. */
export type FlagBody = Omit<Flag, 'version' | 'digest'>;

/** Members of a flag. */
export const FLAG_MEMBERS: readonly string[] = [
  'description',
  'owner',
  'tags',
  'type',
  'enabled',
  'variations',
  'off',
  'prerequisites',
  'targets',
  'rules',
  'serve',
  'fallthrough',
  'salt',
  'client',
  'requires',
  'metadata',
];

/** What `type` may say. */
export const FLAG_TYPES: readonly FlagType[] = ['boolean', 'string', 'number', 'object'];

const BOOLEAN: readonly Variation[] = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];

// Names that by custom mean "as it was before the flag".
const CALM_NAMES = ['off', 'control', 'default'];

/** A flag's variations, read before any flag is expanded. */
export interface ReadFlag extends FlagOutline {
  readonly list: readonly Variation[] | undefined;
}

/** Reads a flag's variations, since other flags may refer to them. */
export function readOutline(expansion: Expansion, node: SourceNode): ReadFlag {
  if (node.kind === 'map') {
    const written = memberOf(node, 'variations');
    const list = written ? expandVariations(expansion, written) : impliedVariations(expansion, node);
    return outline(node, node, list);
  }
  if (node.kind === 'scalar' && node.value === null) {
    expansion.fail(node, 'TYPE', 'The flag is empty.', 'Write true, false, a value, or the members of a flag.');
    return outline(node, undefined, undefined);
  }
  const isBoolean = node.kind === 'scalar' && typeof node.value === 'boolean';
  return outline(node, undefined, isBoolean ? BOOLEAN : expandVariations(expansion, asOnlyVariation(node)));
}

function outline(node: SourceNode, members: MapNode | undefined, list: readonly Variation[] | undefined): ReadFlag {
  return { node, members, list, variations: list && new Map(list.map(({ name, value }) => [name, value])) };
}

function asOnlyVariation(node: SourceNode): MapNode {
  const name = { ...node, kind: 'scalar' as const, value: 'default', source: 'default' };
  return { ...node, kind: 'map', entries: new Map([['default', { name, value: node }]]) };
}

function impliedVariations(expansion: Expansion, map: MapNode): readonly Variation[] | undefined {
  const type = memberOf(map, 'type');
  if (!type || (type.kind === 'scalar' && type.value === 'boolean')) return BOOLEAN;
  return expansion.fail(
    type,
    'VARIATION',
    'Only boolean flags go without variations.',
    'Add variations: { name: value }.',
  );
}

// What a flag is checked with when its own variations could not be read.
const NO_VARIATIONS: readonly Variation[] = [{ name: 'off', value: false }];

/** Expands a flag. Of one with problems, this is what could be expanded, with stand-ins for what it cannot do without. */
export function expandFlag(expansion: Expansion, key: string, flag: ReadFlag): FlagBody {
  const { node, members, list: variations = NO_VARIATIONS } = flag;
  if (!members) return expandOneLine(expansion, key, flag, variations);
  checkMembers(expansion, members, FLAG_MEMBERS, 'a flag');
  const at = (name: string): SourceNode | undefined => memberOf(members, name);
  const read = <T>(name: string, reader: (member: SourceNode) => T): T | undefined => {
    const member = at(name);
    return member && reader(member);
  };
  for (const name of ['description', 'owner']) read(name, (member) => readText(expansion, member, name));
  read('tags', (member) => readNames(expansion, member, 'tags'));
  const off = (flag.list && readOff(expansion, members, flag, flag.list)) ?? variations[0]!.name;
  const type = read('type', (member) => readType(expansion, member)) ?? inferType(expansion, members, variations);
  const serveNode = at('serve') ?? at('fallthrough');
  if (at('serve') && at('fallthrough')) {
    const { name } = members.entries.get('fallthrough')!;
    expansion.fail(name, 'DUPLICATE', 'serve and fallthrough mean the same.', 'Remove one.');
  }
  const body = present<FlagBody>({
    key,
    type,
    enabled: read('enabled', (member) => readBoolean(expansion, member, 'enabled')) ?? true,
    variations,
    off,
    prerequisites: read('prerequisites', (member) => expandPrerequisites(expansion, member)),
    targets: read('targets', (member) => expandTargets(expansion, flag, member)),
    rules: read('rules', (member) => expandRules(expansion, flag, off, member)) ?? [],
    fallthrough: (serveNode && expandServe(expansion, flag, off, serveNode)) ?? { variation: off },
    salt: read('salt', (member) => readText(expansion, member, 'salt')),
    client: read('client', (member) => readClient(expansion, member)),
    requires: read('requires', (member) => readNames(expansion, member, 'requires')),
    metadata: read('metadata', (member) => expandMetadata(expansion, member)),
  });
  const origins = Object.fromEntries(FLAG_MEMBERS.map((name): [string, SourceNode | undefined] => [name, at(name)]));
  return expansion.from(body, node, { ...origins, fallthrough: serveNode });
}

/** `new-checkout: true`, `welcome-text: Hello`: everyone gets the value. */
function expandOneLine(expansion: Expansion, key: string, flag: ReadFlag, list: readonly Variation[]): FlagBody {
  const { node } = flag;
  const served = list.find(({ value }) => node.kind === 'scalar' && value === node.value) ?? list[0]!;
  const off = list.at(-1)!.name;
  const body: FlagBody = {
    key,
    type: typeOf(served.value),
    enabled: true,
    variations: list,
    off,
    rules: [],
    fallthrough: { variation: served.name },
  };
  return expansion.from(body, node);
}

/** The `off` variation: as written, else the one that changes least, as far as that is obvious. */
function readOff(
  expansion: Expansion,
  map: MapNode,
  flag: FlagOutline,
  list: readonly Variation[],
): string | undefined {
  const written = memberOf(map, 'off');
  if (written) return readVariation(expansion, flag, written);
  const named = CALM_NAMES.find((name) => flag.variations?.has(name));
  const obvious =
    named ?? list.find(({ value }) => value === false)?.name ?? (list.length === 1 ? list[0]!.name : undefined);
  if (obvious !== undefined) return obvious;
  const names = list.map(({ name }) => name).join(', ');
  const at = map.entries.get('variations')?.name ?? map;
  return expansion.fail(
    at,
    'MEMBER',
    'The flag does not say what it serves when it is disabled.',
    `Add off: with one of ${names}; a variation named off, control or default is taken by itself.`,
  );
}

function readType(expansion: Expansion, node: SourceNode): FlagType | undefined {
  const text = readText(expansion, node, 'type');
  const type = FLAG_TYPES.find((known) => known === text);
  if (text === undefined || type) return type;
  return expansion.fail(node, 'TYPE', `There is no type ${JSON.stringify(text)}.`, suggest(text, FLAG_TYPES, 'types'));
}

function inferType(expansion: Expansion, map: MapNode, list: readonly Variation[]): FlagType {
  const type = typeOf(list[0]!.value);
  const other = list.find(({ value }) => typeOf(value) !== type);
  // A type that is written and wrong is a problem already.
  if (!other || memberOf(map, 'type')) return type;
  const at = expansion.originOf(other, ['value']) ?? map;
  const message = `${JSON.stringify(other.name)} is of type ${typeOf(other.value)}, the first variation of type ${type}.`;
  expansion.fail(at, 'TYPE', message, 'Give all variations values of one type; lists and mappings are objects.');
  return type;
}

function readClient(expansion: Expansion, node: SourceNode): boolean | 'evaluated' | undefined {
  if (node.kind === 'scalar' && node.value === 'evaluated') return 'evaluated';
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  return expansion.fail(
    node,
    'TYPE',
    'client is true, false or evaluated.',
    'evaluated sends values to browsers, but no rules.',
  );
}
