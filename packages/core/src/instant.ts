const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:(\.\d{1,3})\d*)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Epoch ms of an RFC 3339 instant (with its offset), NaN for anything else: days that do not exist and leap seconds too. */
export function parseInstant(text: unknown): number {
  const [, date, time, fraction = 0, sign, hours = 0, minutes = 0] =
    RFC_3339.exec(typeof text === 'string' ? text : '') ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  // Engines differ in what they make of 30 February; only a date that reads back as it was written exists.
  if (!(at === at && new Date(at).toISOString() === `${date}T${time}.000Z`)) return Number.NaN;
  // Digits beyond the millisecond are cut.
  return at + Number(fraction) * 1000 - Number(`${sign ?? ''}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
