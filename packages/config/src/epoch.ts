const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const TIME_LENGTH = 10;
const RANDOM_LENGTH = 6;

/** What an epoch looks like. */
export const EPOCH: RegExp = /^[0-9a-z]{16}$/;

/**
 * A new epoch: 16 characters of Crockford's base32 in lower case, as in a ULID the first ten are the time in ms, so that
 * later epochs sort higher. `now` is epoch ms, `random` gives numbers from 0 to below 1.
 */
export function createEpoch(now: number, random: () => number): string {
  let time = '';
  for (let rest = now; time.length < TIME_LENGTH; rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32]! + time;
  return time + Array.from({ length: RANDOM_LENGTH }, () => ALPHABET[Math.floor(random() * 32)]).join('');
}
