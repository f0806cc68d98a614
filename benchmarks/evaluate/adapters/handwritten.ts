import type { Adapter } from '../adapter.ts';
import type { User, Value } from '../neutral.ts';

type Decide = (user: User) => Value;

// FNV-1a, to a bucket of 100.
function bucket(salt: string, key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < salt.length; at += 1) hash = Math.imul(hash ^ salt.charCodeAt(at), 0x01000193);
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  // Without a last mixing its low bits repeat in consecutive keys.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) % 100;
}

function isAtLeast(version: string, major: number): boolean {
  return Number.parseInt(version, 10) >= major;
}

const isUsual = (country: string): boolean =>
  country === 'DE' || country === 'FR' || country === 'ES' || country === 'IT';

function tenRules(user: User): boolean {
  if (!isUsual(user.country) && user.country !== 'AT') return user.country === 'NL' && user.email === 'nobody';
  if (user.plan === 'gold' || user.email.endsWith('@flags.example') || user.age > 99) return true;
  return isAtLeast(user.version, 9) || user.plan === 'pro';
}

// Flags of ten kinds, in the order of the workload.
function mixed(key: string, beta: ReadonlySet<string>): readonly Decide[] {
  return [
    () => false,
    () => true,
    (user) => bucket(key, user.key) < 50,
    (user) => tenRules(user),
    (user) => beta.has(user.key) || bucket(key, user.key) < 50,
    (user) => user.plan === 'pro' || user.plan === 'enterprise',
    (user) => {
      const at = bucket(key, user.key);
      return at < 50 ? 'a' : at < 80 ? 'b' : 'c';
    },
    (user) => {
      if (user.age > 99 && (isUsual(user.country) || user.country === 'NL')) return 'b';
      if (user.email.endsWith('@flags.example') && (isUsual(user.country) || user.country === 'NL')) return 'b';
      return user.plan === 'pro' && (isUsual(user.country) || user.country === 'AT') ? 'b' : 'a';
    },
    (user) => user.age > 60 && isAtLeast(user.version, 2),
    () => 'b',
  ];
}

/** What a programmer would write without a flag system: a function for each flag, found by its key. No reasons, no changes. */
export const adapter: Adapter<User, Map<string, Value>> = {
  name: 'written by hand',
  package: undefined,
  role: 'ceiling',
  payload: ({ flags, segments }) =>
    JSON.stringify({ keys: flags.map(({ key }) => key), beta: segments[0]?.keys ?? [] }),
  load: (text) => {
    const { keys, beta } = JSON.parse(text) as { readonly keys: readonly string[]; readonly beta: readonly string[] };
    const isBeta: ReadonlySet<string> = new Set(beta);
    const first: Decide = () => true;
    const named: Readonly<Record<string, Decide>> = {
      off: () => false,
      half: (user) => bucket('half', user.key) < 50,
      rules: tenRules,
      beta: (user) => isBeta.has(user.key),
      'link-0': first,
      'link-1': (user) => first(user) === true,
      'link-2': (user) => named['link-1']?.(user) === true,
      'link-3': (user) => named['link-2']?.(user) === true,
    };
    const decides = new Map<string, Decide>();
    for (const key of keys) {
      const decide = named[key] ?? mixed(key, isBeta)[Number(key.slice('flag-'.length)) % 10];
      if (decide !== undefined) decides.set(key, decide);
    }
    return {
      context: (user) => ({ ...user }),
      boolean: (key, user) => decides.get(key)?.(user) === true,
      text: (key, user) => decides.get(key)?.(user) as string,
      all: (user) => {
        const all = new Map<string, Value>();
        for (const [key, decide] of decides) all.set(key, decide(user));
        return all;
      },
      pick: (all, key) => all.get(key) ?? false,
    };
  },
};
