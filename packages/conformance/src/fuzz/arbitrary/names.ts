/** Names that are somebody's own in JavaScript, halves of surrogate pairs, and plain ones. */
export const FLAG_KEYS: readonly string[] = [
  'checkout',
  '__proto__',
  'dark-mode',
  'constructor',
  'toString',
  'hasOwnProperty',
  'δ\ud800',
  'a.b',
  '0',
  'x'.repeat(256),
];

/** Keys of segments. */
export const SEGMENT_KEYS: readonly string[] = ['beta', '__proto__', 'staff', 'constructor', 'ü\udc00'];

/** Names of variations, which are also what a sticky attribute holds. */
export const VARIATIONS: readonly string[] = ['on', 'off', 'constructor', '__proto__'];

/** Units that targets and segments list. */
export const UNITS: readonly string[] = ['ann', 'bob', 'cléo', '42', '__proto__', 'constructor', 'δ\ud800', '-7', '0'];

/** Paths that units are read from. */
export const UNIT_PATHS: readonly string[] = ['targetingKey', 'org.id', 'session'];
