import type { Setting } from './setting.ts';

/** Settings of who is asked about external segments. */
export const SEGMENT_SETTINGS: readonly Setting[] = [
  {
    path: 'segments.url',
    form: 'text',
    option: '--segments <url>',
    about: 'address that is asked who is in external segments, before flags are evaluated here',
  },
  {
    path: 'segments.secret',
    form: 'text',
    isSecret: true,
    about: 'sent to that address, as Authorization: Bearer <secret>',
  },
  {
    path: 'segments.timeoutMs',
    form: 'number',
    fallbackText: '500',
    about: 'the longest a request waits for its answer',
  },
  {
    path: 'segments.ttlMs',
    form: 'number',
    fallbackText: '60000',
    about: 'how long an answer is current, ± 20 %; it is used on for as long while it is asked for anew',
  },
  {
    path: 'segments.maxUnits',
    form: 'number',
    fallbackText: '10000',
    about: 'units whose answers are remembered, the least recently used given up first',
  },
];
