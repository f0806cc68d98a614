import type { Expansion } from './expansion.ts';
import { describe, type SourceNode } from './source.ts';
import { fromLocal, suggestZone, type ZoneTable } from './zone.ts';

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const OFFSET = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** A zone that was looked up. */
export interface Zone {
  readonly name: string;
  readonly table: ZoneTable;
}

/** The zone a `zone` member names. */
export function readZone(expansion: Expansion, node: SourceNode | undefined): Zone | undefined {
  if (!node) return undefined;
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    return expansion.fail(
      node,
      'ZONE',
      `A zone is a name, not ${describe(node)}.`,
      'Write a name such as Europe/Berlin.',
    );
  }
  const table = expansion.zones.tableOf(node.value);
  if (table) return { name: node.value, table };
  return expansion.fail(node, 'ZONE', `There is no time zone ${JSON.stringify(node.value)}.`, suggestZone(node.value));
}

/**
 * A date and time as RFC 3339: as written where it has an offset, else read in the zone and written in UTC. A date alone is
 * its midnight.
 */
export function readInstant(
  expansion: Expansion,
  node: SourceNode,
  zone: Zone | undefined,
  text: string | undefined = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined,
): string | undefined {
  const example = '2026-12-01T09:00:00Z';
  if (text === undefined) {
    return expansion.fail(node, 'TIME', `A time is a text, not ${describe(node)}.`, `Write it like ${example}.`);
  }
  const none = (why: string, hint: string): undefined =>
    expansion.fail(node, 'TIME', `${JSON.stringify(text)} ${why}`, hint);
  if (OFFSET.test(text)) {
    // Seconds may be left out, here alone.
    const whole = text.replace(/^(.{10}).(\d\d:\d\d)(?=[Zz+-])/, '$1T$2:00').replace(/^(.{10}) /, '$1T');
    return isDate(whole) ? whole : none('does not exist.', 'Check day, hour and minute.');
  }
  const local = LOCAL.exec(text);
  if (!local) return none('is no date or time.', `Write it like ${example}, or 2026-12-01 09:00 beside a zone.`);
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = local;
  const utc = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  if (!isDate(utc)) return none('does not exist.', 'Check day, hour and minute.');
  if (!zone) return none('has no offset and no zone.', `Add a member zone, or write ${utc}.`);
  const at = fromLocal(zone.name, zone.table, Date.parse(utc));
  if (at === undefined)
    return none(`is further ahead than ${zone.name} is known.`, 'Write it with its offset from UTC.');
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** Whether the day and the time of day exist. */
function isDate(rfc3339: string): boolean {
  const at = Date.parse(rfc3339);
  if (Number.isNaN(at)) return false;
  // Some engines take 30 February as 2 March.
  const day = new Date(Date.parse(`${rfc3339.slice(0, 10)}T00:00:00Z`));
  return day.toISOString().slice(0, 10) === rfc3339.slice(0, 10) && !/T24|:60/.test(rfc3339);
}
