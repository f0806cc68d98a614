import { type Around, costOf } from './sound-condition.ts';
import {
  ifThere,
  isBucketing,
  isCount,
  isName,
  isObject,
  isTexts,
  isUpTo,
  type Members,
  only,
  refuse,
} from './sound.ts';
import { instantOf } from './texts.ts';

const REQUIRED = ['key', 'version', 'digest', 'type', 'enabled', 'variations', 'off', 'rules', 'fallthrough'];
const OPTIONAL = ['prerequisites', 'targets', 'salt', 'client', 'requires', 'metadata'];
const BUCKETING = ['by', 'salt', 'bucketer', 'total'];

/** Levels of containers in a value. */
const levelsOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(levelsOf)) : 0;

function listOf(raw: unknown): readonly Members[] {
  return Array.isArray(raw) && raw.every(isObject) ? raw : refuse();
}

function namesOf(raw: Members, type: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  for (const variation of listOf(raw['variations'])) {
    only(variation, ['name', 'value']);
    const { name, value } = variation;
    if (!isName(name) || names.has(name) || !Object.hasOwn(variation, 'value')) refuse();
    if (value === null || typeof value !== type || levelsOf(value) > 65) refuse();
    names.add(name);
  }
  return names;
}

/** The steps of serving; refuses what is not sound. */
function serveSteps(raw: unknown, names: ReadonlySet<string>, hasBucketers: boolean): number {
  if (!isObject(raw)) refuse();
  const [kind, ...more] = Object.keys(raw);
  const served = kind === undefined ? undefined : raw[kind];
  const isVariation = (name: unknown): boolean => typeof name === 'string' && names.has(name);
  if (more.length) refuse();
  if (kind === 'variation') return isVariation(served) ? 0 : refuse();
  if ((kind !== 'split' && kind !== 'progress') || !isObject(served)) refuse();
  const total = isBucketing(served, hasBucketers);
  const own = kind === 'split' ? ['slices', 'sticky', 'experiment'] : ['from', 'to', 'points'];
  only(served, [...BUCKETING, ...own]);
  const pairs: unknown = served[kind === 'split' ? 'slices' : 'points'];
  if (!Array.isArray(pairs)) refuse();
  const list = pairs.map((pair: unknown) => {
    const [first, width] = Array.isArray(pair) && pair.length === 2 ? (pair as readonly unknown[]) : refuse();
    return isUpTo(width, total) ? ([first, width] as const) : refuse();
  });
  if (kind === 'split') {
    ifThere(served, 'sticky', isName);
    ifThere(served, 'experiment', (name) => typeof name === 'string');
    if (list.reduce((sum, [, width]) => sum + width, 0) !== total || !list.every(([name]) => isVariation(name)))
      refuse();
    return list.length;
  }
  if (!isVariation(served['from']) || !isVariation(served['to']) || !list.length) refuse();
  const times = list.map(([at]) => (typeof at === 'string' ? instantOf(at) : undefined) ?? refuse());
  if (times.some((at, index) => at < (times[index - 1] ?? -Infinity))) refuse();
  return list.length;
}

/** The steps of a flag without those of its prerequisites; refuses one that is not sound. */
export function flagSteps(raw: unknown, key: string, around: Around): number {
  if (!isObject(raw)) refuse();
  const { version, digest, type, enabled, off } = raw;
  if (!REQUIRED.every((name) => Object.hasOwn(raw, name))) refuse();
  if (raw['key'] !== key || !isName(key) || !isCount(version) || typeof digest !== 'string') refuse();
  if (!['boolean', 'string', 'number', 'object'].includes(type as string) || typeof enabled !== 'boolean') refuse();
  ifThere(raw, 'salt', isName);
  ifThere(raw, 'client', (value) => typeof value === 'boolean' || value === 'evaluated');
  ifThere(raw, 'requires', (list) => isTexts(list) && list.every((name) => [...REQUIRED, ...OPTIONAL].includes(name)));
  ifThere(
    raw,
    'metadata',
    (value) =>
      isObject(value) && Object.values(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one)),
  );
  const names = namesOf(raw, type);
  if (typeof off !== 'string' || !names.has(off)) refuse();

  for (const prerequisite of Object.hasOwn(raw, 'prerequisites') ? listOf(raw['prerequisites']) : []) {
    only(prerequisite, ['flag', 'variations']);
    if (typeof prerequisite['flag'] !== 'string' || !isTexts(prerequisite['variations'])) refuse();
  }
  const targets = Object.hasOwn(raw, 'targets') ? listOf(raw['targets']) : [];
  for (const target of targets) {
    only(target, ['variation', 'keys', 'by']);
    ifThere(target, 'by', isName);
    if (!isTexts(target['keys']) || typeof target['variation'] !== 'string' || !names.has(target['variation']))
      refuse();
  }
  let steps = targets.length + serveSteps(raw['fallthrough'], names, around.hasBucketers);
  const ids = new Set<unknown>();
  for (const rule of listOf(raw['rules'])) {
    only(rule, ['id', 'when', 'serve']);
    if (!isName(rule['id']) || ids.has(rule['id'])) refuse();
    ids.add(rule['id']);
    steps += costOf(rule['when'], around).steps + serveSteps(rule['serve'], names, around.hasBucketers);
  }
  return steps;
}
