import { tzOffset } from '@date-fns/tz';
import { suggest } from './suggest.ts';

/** Offsets of a time zone: from this instant (epoch ms) on, so many minutes east of UTC. Never empty, ascending. */
export type ZoneTable = readonly (readonly [fromMs: number, minutes: number])[];

const DAY = 86_400_000;
const MINUTE = 60_000;

/** Whole years a table reaches beyond the year it was made in. */
const YEARS_AHEAD = 10;

const NAME = /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/;

/** Whether this machine's time-zone data knows the IANA zone. */
export function isZone(zone: string): boolean {
  // Names alone: offsets such as +02:00 are known to some runtimes and not to others.
  return NAME.test(zone) && !Number.isNaN(tzOffset(zone, new Date(0)));
}

/** What to write instead of an unknown zone. */
export function suggestZone(zone: string): string {
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const city = zones.find(
    (name) => name.slice(name.lastIndexOf('/') + 1).toLowerCase() === zone.toLowerCase().replace(/.*\//, ''),
  );
  if (city) return `Did you mean ${JSON.stringify(city)}?`;
  return suggest(zone, zones, 'zones').replace(
    /^The zones are .*/,
    'Write an IANA name such as Europe/Berlin or America/New_York.',
  );
}

function offsetAt(zone: string, at: number): number {
  return Math.round(tzOffset(zone, new Date(at)));
}

/**
 * The zone's offsets from the start of `year` to the end of the tenth year after it, by this machine's time-zone data.
 * Each day is looked at, since some zones change twice within a month, and each change is found to the minute.
 */
export function createZoneTable(zone: string, year: number): ZoneTable {
  const start = Date.UTC(year, 0, 1);
  const end = Date.UTC(year + YEARS_AHEAD + 1, 0, 1);
  let offset = offsetAt(zone, start);
  const table: [number, number][] = [[start, offset]];
  for (let day = start; day < end; day += DAY) {
    const next = offsetAt(zone, day + DAY);
    if (next === offset) continue;
    let [before, after] = [day, day + DAY];
    while (after - before > MINUTE) {
      const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
      if (offsetAt(zone, middle) === offset) before = middle;
      else after = middle;
    }
    if (after < end) table.push([after, next]);
    offset = next;
  }
  return table;
}

/** Whether this machine's time-zone data agrees with the table at each of its changes. */
export function agreesWithMachine(zone: string, table: ZoneTable): boolean {
  if (!isZone(zone)) return true;
  return table.every(([from, minutes], index) => {
    const before = index === 0 || offsetAt(zone, from - MINUTE) === table[index - 1]![1];
    const next = table[index + 1]?.[0];
    const middle = next === undefined || offsetAt(zone, (from + next) / 2) === minutes;
    return offsetAt(zone, from) === minutes && before && middle;
  });
}

/** The part of the table that matters between two instants. */
export function cutTable(table: ZoneTable, from: number, until: number): ZoneTable {
  const last = table.at(-1)!;
  const part = table.filter(([at], index) => at < until && (table[index + 1]?.[0] ?? Infinity) > from);
  // Before its first offset a table counts as if that had always held.
  return part.length ? part : [until <= table[0]![0] ? table[0]! : last];
}

/** The last instant (epoch ms, exclusive) local times of the table are known for. */
export function endOfTable(table: ZoneTable): number {
  return Date.UTC(new Date(table[0]![0]).getUTCFullYear() + YEARS_AHEAD + 1, 0, 1);
}

/**
 * Epoch ms of a local time, given as epoch ms as if it were UTC. A time that occurs twice is the first of the two; one that
 * is skipped is taken as many minutes later as were skipped. `undefined` behind the end of the table.
 */
export function fromLocal(zone: string, table: ZoneTable, local: number): number | undefined {
  if (local >= endOfTable(table)) return undefined;
  // The past of a zone is the same on every machine, and no table has it.
  const known =
    local - DAY < table[0]![0] && isZone(zone)
      ? createZoneTable(zone, new Date(local - 2 * DAY).getUTCFullYear())
      : table;
  const minutesAt = (at: number): number => {
    let minutes = known[0]![1];
    for (const [from, offset] of known) if (from <= at) minutes = offset;
    return minutes;
  };
  const offsets = [minutesAt(local - DAY), minutesAt(local + DAY)];
  for (const minutes of offsets) {
    const at = local - minutes * MINUTE;
    if (minutesAt(at) === minutes) return at;
  }
  return local - offsets[0]! * MINUTE;
}
