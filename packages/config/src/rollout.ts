import type { Progress, Serve } from '@flags/core';
import { BUCKETING_MEMBERS, readBucketing } from './bucketing.ts';
import type { Expansion, FlagOutline } from './expansion.ts';
import { readInstant, readZone, type Zone } from './instant.ts';
import { checkMembers, memberOf, present, readMap } from './read.ts';
import { DEFAULT_TOTAL, readShare } from './share.ts';
import type { MapNode, SourceNode } from './source.ts';
import { readVariation } from './variation.ts';

/** Members of `rollout:`. */
export const ROLLOUT_MEMBERS: readonly string[] = [
  'to',
  'from',
  'start',
  'end',
  'points',
  'steps',
  'zone',
  ...BUCKETING_MEMBERS,
];

type Point = readonly [at: string, width: number];

/** Expands a rollout that moves by the clock: from `start` to `end`, along `points`, or in `steps`. */
export function expandRollout(
  expansion: Expansion,
  outline: FlagOutline,
  off: string,
  map: MapNode,
): Serve | undefined {
  checkMembers(expansion, map, ROLLOUT_MEMBERS, 'rollout');
  const at = (name: string): SourceNode | undefined => memberOf(map, name);
  const bucketing = readBucketing(expansion, map);
  const [toNode, fromNode, zoneNode] = [at('to'), at('from'), at('zone')];
  if (!toNode) return expansion.fail(map, 'MEMBER', 'rollout has no to.', 'Name the variation to arrive at: to: on.');
  const to = readVariation(expansion, outline, toNode);
  const from = fromNode ? readVariation(expansion, outline, fromNode) : off;
  const zone = readZone(expansion, zoneNode);
  if (zoneNode && !zone) return undefined;
  const points = readPoints(expansion, map, zone, bucketing.total);
  if (to === undefined || from === undefined || !points) return undefined;
  const progress = expansion.from(present<Progress>({ from, to, points, ...bucketing }), map, {
    from: fromNode,
    to: toNode,
    by: at('by'),
    salt: at('salt'),
    bucketer: at('bucketer'),
  });
  return expansion.from({ progress }, map);
}

function readPoints(
  expansion: Expansion,
  map: MapNode,
  zone: Zone | undefined,
  total: number | undefined,
): readonly Point[] | undefined {
  const [start, end, ramp, stairs] = ['start', 'end', 'points', 'steps'].map((name) => memberOf(map, name));
  const ways = [start ?? end, ramp, stairs].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    const why = ways.length ? 'rollout says twice when it moves.' : 'rollout does not say when it moves.';
    return expansion.fail(ways[1] ?? map, 'MEMBER', why, 'Give either start and end, or points, or steps.');
  }
  if (ramp ?? stairs) {
    const points = readTimes(expansion, (ramp ?? stairs)!, zone, total);
    return points && (ramp ? points : toSteps(expansion, stairs!, points));
  }
  if (!start || !end) {
    return expansion.fail(
      map,
      'MEMBER',
      `rollout has no ${start ? 'end' : 'start'}.`,
      'Give both, or points, or steps.',
    );
  }
  const [begins, ends] = [readInstant(expansion, start, zone), readInstant(expansion, end, zone)];
  if (begins === undefined || ends === undefined) return undefined;
  if (Date.parse(begins) >= Date.parse(ends)) {
    return expansion.fail(end, 'TIME', 'The rollout ends before it starts.', 'end has to be later than start.');
  }
  return [expansion.from([begins, 0] as const, start), expansion.from([ends, total ?? DEFAULT_TOTAL] as const, end)];
}

/** Shares by time: a mapping of instants to shares. */
function readTimes(
  expansion: Expansion,
  node: SourceNode,
  zone: Zone | undefined,
  total: number | undefined,
): Point[] | undefined {
  const hint = 'Write { "2026-12-01T09:00:00Z": 10%, "2026-12-08T09:00:00Z": 100% }.';
  const pairs: { readonly time: SourceNode; readonly share: SourceNode }[] = [];
  if (node.kind === 'list') {
    for (const item of node.items) {
      const [time, share, ...more] = item.kind === 'list' ? item.items : [];
      if (!time || !share || more.length)
        return expansion.fail(item, 'TYPE', 'A point is a pair of a time and a share.', hint);
      pairs.push({ time, share });
    }
  } else {
    const times = readMap(expansion, node, 'The times', hint);
    if (!times) return undefined;
    for (const { name, value } of times.entries.values()) pairs.push({ time: name, share: value });
  }
  if (!pairs.length) return expansion.fail(node, 'TIME', 'There are no times.', hint);
  let last = -Infinity;
  const points = pairs.map(({ time, share }) => {
    const at = readInstant(expansion, time, zone);
    const width = readShare(expansion, share, total);
    if (at === undefined || width === undefined) return undefined;
    if (Date.parse(at) < last)
      return expansion.fail(time, 'TIME', 'The times are not in order.', 'Put the earliest first.');
    last = Date.parse(at);
    return expansion.from([at, width] as const, time, { 0: time, 1: share });
  });
  return points.every((point) => point !== undefined) ? points : undefined;
}

/** Holds each share until the next time: two points at one instant make a step, the first of them from nothing. */
function toSteps(expansion: Expansion, at: SourceNode, points: readonly Point[]): Point[] {
  return points.flatMap((point, index) => {
    const before = expansion.from(
      [point[0], points[index - 1]?.[1] ?? 0] as const,
      expansion.originOf(point, []) ?? at,
    );
    return [before, point];
  });
}
