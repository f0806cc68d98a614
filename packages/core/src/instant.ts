const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Epoch ms of an RFC 3339 instant (with its offset), NaN for anything else: days that do not exist and leap seconds too.
 * Written out because engines disagree about what `Date.parse` takes.
 */
export function parseInstant(text: string): number {
  const part = RFC_3339.exec(text);
  if (!part) return Number.NaN;
  const [year, month, day, hour, minute, second] = part.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const offsetHour = Number(part[9] ?? 0);
  const offsetMinute = Number(part[10] ?? 0);
  if (!exists || hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return Number.NaN;
  const offset = (offsetHour * 60 + offsetMinute) * (part[8] === '-' ? -1 : 1);
  // Digits beyond the millisecond are cut, as every engine does.
  const ms = Math.trunc(Number(part[7] ?? 0) * 1000);
  return date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
}
