import * as fc from 'fast-check';

/** Noon of 1 June 2026 in UTC, a Monday: random instants lie around it. */
export const NOON: number = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;

/** Instants of a grid of six hours, so that bounds and the time of a read meet. */
export const gridArbitrary: fc.Arbitrary<number> = fc
  .integer({ min: -12, max: 12 })
  .map((step) => NOON + step * 6 * HOUR);

/** When a read happens: on the grid, a moment beside it, or at an edge of all time. */
export const nowArbitrary: fc.Arbitrary<number> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(gridArbitrary, fc.constantFrom(0, 0, -1, 1, 59_999, 0.5)).map(([at, more]) => at + more),
  },
  { weight: 4, arbitrary: fc.integer({ min: NOON - 80 * HOUR, max: NOON + 80 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: -1e13, max: 1e13 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, -0, -62_135_596_800_000, 253_402_300_799_999, 8.64e15, -8.64e15) },
);

const writtenAs = (at: number, zone: string, more: string): string => {
  const minutes = zone === 'Z' ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  const local = new Date(at + minutes * (zone[0] === '-' ? -60_000 : 60_000)).toISOString();
  const fraction = local.slice(19, 23) + more;
  return local.slice(0, 19) + (fraction === '.000' ? '' : fraction) + zone;
};

/** The instants of the grid as RFC 3339, in any way to write them; a few of them with digits beyond the millisecond. */
export const instantArbitrary: fc.Arbitrary<string> = fc
  .tuple(
    gridArbitrary,
    fc.constantFrom('Z', 'Z', '+00:00', '+02:00', '-05:30', '+23:59'),
    fc.constantFrom('', '', '', '0', '9', '9'.repeat(20)),
    fc.constantFrom(0, 0, 0, 1, 57, 282, 999),
  )
  .map(([at, zone, fraction, ms]) => writtenAs(at + ms, zone, fraction));
