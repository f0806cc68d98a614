export interface WindowVector {
  readonly time: Readonly<Record<string, unknown>>;
  readonly now: number;
  readonly open: boolean;
}

const HOUR = 3_600_000;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

// From the tz database: summer time of 2026 begins on 29 March and ends on 25 October in Berlin, on 8 March and 1 November
// in New York; Apia skipped 30 December 2011; Kathmandu has 5:45.
const ZONES: Readonly<Record<string, readonly (readonly [at: string, minutes: number])[]>> = {
  'Europe/Berlin': [
    ['2025-10-26T01:00:00Z', 60],
    ['2026-03-29T01:00:00Z', 120],
    ['2026-10-25T01:00:00Z', 60],
  ],
  'America/New_York': [
    ['2025-11-02T06:00:00Z', -300],
    ['2026-03-08T07:00:00Z', -240],
    ['2026-11-01T06:00:00Z', -300],
  ],
  'Pacific/Apia': [
    ['2011-09-24T14:00:00Z', -600],
    ['2011-12-30T10:00:00Z', 840],
  ],
  'Asia/Kathmandu': [['2000-01-01T00:00:00Z', 345]],
};

interface Hours {
  readonly days?: readonly number[];
  readonly start?: number;
  readonly end?: number;
}

/** Day of the week (1 is Monday) and minute of the day, as the runtime's own zone data have them. */
function localTime(zone: string, now: number): readonly [day: number, minute: number] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const minute = Number(parts['hour']) * 60 + Number(parts['minute']);
  return [DAYS.indexOf(parts['weekday'] ?? '') + 1, minute];
}

function isOpen(zone: string, { days = [1, 2, 3, 4, 5, 6, 7], start = 0, end = 1440 }: Hours, now: number): boolean {
  const [day, minute] = localTime(zone, now);
  if (start < end) return days.includes(day) && minute >= start && minute < end;
  if (minute >= start) return days.includes(day);
  return minute < end && days.includes(day === 1 ? 7 : day - 1);
}

const HOURS: readonly Hours[] = [
  { days: [1, 2, 3, 4, 5], start: 540, end: 1020 },
  { days: [7], start: 120, end: 180 },
  { days: [6, 7] },
  { days: [5, 6], start: 1320, end: 240 },
  { start: 150, end: 90 },
];

/** Half-open hours of days in zones, around the changes of their offsets. */
export function windowVectors(): readonly WindowVector[] {
  const vectors: WindowVector[] = [];
  for (const [zone, changes] of Object.entries(ZONES)) {
    const offsets = changes.map(([at, minutes]) => [Date.parse(at), minutes]);
    for (const hours of HOURS) {
      for (const [change] of changes.slice(zone === 'Asia/Kathmandu' ? 0 : 1)) {
        const around = zone === 'Asia/Kathmandu' ? Date.UTC(2026, 0, 5) : Date.parse(change);
        for (const after of [-26, -6, -2, -1, -0.5, -1 / 3.6e6, 0, 0.5, 1, 1.5, 2, 5, 22, 23.75, 30, 101]) {
          const now = Math.round(around + after * HOUR);
          vectors.push({ time: { ...hours, offsets }, now, open: isOpen(zone, hours, now) });
        }
      }
    }
  }
  const from = '2026-01-05T12:00:00Z';
  const until = '2026-01-05T14:00:00.500+01:00';
  const [first, last] = [Date.parse(from), Date.parse(until)];
  for (const [now, open] of [
    [first - 1, false],
    [first, true],
    [last - 1, true],
    [last, false],
  ] as const) {
    vectors.push({ time: { from, until }, now, open });
  }
  return vectors;
}
