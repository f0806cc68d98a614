import { createZoneTable, isZone, type ZoneTable } from './zone.ts';

/** The zone tables of one file: the ones its lock holds, and new ones for zones it does not know yet. */
export interface ZoneBook {
  /** The zone's table, `undefined` when neither the lock nor this machine knows the zone. */
  readonly tableOf: (zone: string) => ZoneTable | undefined;
  /** Every table that was asked for, by zone. */
  readonly used: () => ReadonlyMap<string, ZoneTable>;
}

/**
 * Looks zones up in `locked` first, so that a file expands alike on every machine and on every day. A zone that is new
 * gets a table from the start of the year of `now` (epoch ms).
 */
export function createZoneBook(locked: ReadonlyMap<string, ZoneTable>, now: number): ZoneBook {
  const used = new Map<string, ZoneTable>();
  return {
    tableOf(zone) {
      const known = used.get(zone) ?? locked.get(zone);
      const table = known ?? (isZone(zone) ? createZoneTable(zone, new Date(now).getUTCFullYear()) : undefined);
      if (table) used.set(zone, table);
      return table;
    },
    used: () => used,
  };
}
