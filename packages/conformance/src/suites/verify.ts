import { compileRuleset } from '@flags/core';
import type { Ruleset } from '@flags/core';
import { holdRuleset, parsePosition, pinWebKeys, updateRoot } from '@flags/sync';
import type { CreateVerifier, DigestChange, HeldState } from '@flags/sync';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';

/** What a relay that signs says to a client key. */
export interface Signed {
  readonly ruleset: Ruleset;
  readonly position: string;
  readonly publicKey: string;
}

const OTHER_KEY = 'A'.repeat(43);
// As the relay's own tests have them: computed in another language.
const ROOTS: readonly (readonly [changes: readonly DigestChange[], root: string])[] = [
  [[], 'b043621ad25433d75343f31616b71f9f0439021a5ff72de369e33e82bd8d7583'],
  [
    [
      ['flag', 'a', '1'.repeat(64)],
      ['segment', 'a', '2'.repeat(64)],
      ['flag', 'é', '3'.repeat(64)],
    ],
    '37280ab53a1f296e85563908c88245ad9bcd9a5f9f741f077952ed0f0db7918f',
  ],
];

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What was done to the flags on the way, and what is said of it. */
const DAMAGE: readonly (readonly [what: string, damage: (ruleset: Ruleset) => object, problem: RegExp])[] = [
  [
    'a value',
    (ruleset) => changedFlag(ruleset, { variations: [{ name: 'now', value: 'evil' }] }),
    /changed on the way/,
  ],
  ['a digest', (ruleset) => changedFlag(ruleset, { digest: '0'.repeat(64) }), /changed on the way/],
  ['a flag left out', (ruleset) => ({ ...ruleset, flags: {} }), /do not add up/],
  [
    'a segment added',
    (ruleset) => ({ ...ruleset, segments: { s: { key: 's', version: 1, digest: '' } } }),
    /changed on the way/,
  ],
  ['the environment', (ruleset) => ({ ...ruleset, environment: 'other' }), /signature is not of the pinned key/],
  ['the epoch', (ruleset) => ({ ...ruleset, epoch: 'e9' }), /signature is not of the pinned key/],
  ['no signature', (ruleset) => ({ ...ruleset, seals: [] }), /not signed/],
  [
    'a broken signature',
    (ruleset) => ({ ...ruleset, seals: brokenSeals(ruleset) }),
    /signature is not of the pinned key/,
  ],
];

function changedFlag(ruleset: Ruleset, parts: object): object {
  return { ...ruleset, flags: { a: { ...ruleset.flags['a'], ...parts } } };
}

function brokenSeals({ seals = [] }: Ruleset): object[] {
  return seals.map((seal) => ({
    ...seal,
    signature: `${seal.signature.startsWith('A') ? 'B' : 'A'}${seal.signature.slice(1)}`,
  }));
}

/** Digests, Merkle roots and signatures: of the platform's own package, and over Web Crypto. */
export function verifyCases(own: (keys: readonly string[]) => CreateVerifier, signed: Signed): readonly Case[] {
  const ways = {
    'the package': own,
    'Web Crypto': (keys: readonly string[]) => pinWebKeys(keys, {}, () => crypto.subtle),
  };
  const hold = (ruleset: object): HeldState => {
    const compiled = compileRuleset(ruleset);
    const { version = 0, hash = '' } = parsePosition(signed.position) ?? {};
    return holdRuleset(compiled, { epoch: compiled.epoch, version, hash });
  };
  return [
    ...ROOTS.map(([changes, root]) => ({
      name: `the root of ${changes.length} entries`,
      run: async () => expectSame((await updateRoot(undefined, changes, sha256)).root, root),
    })),
    ...Object.entries(ways).flatMap(([way, pin]) => {
      const check = async (ruleset: object, key: string): Promise<unknown> => {
        const checked = await pin([key])('ck_any').check(hold(ruleset));
        return typeof checked === 'string' ? checked : true;
      };
      return [
        {
          name: `${way} takes what is signed`,
          run: async () => expectSame(await check(signed.ruleset, signed.publicKey), true),
        },
        {
          name: `${way} refuses what another key has signed`,
          run: async () => expectSame(/not pinned/.test(String(await check(signed.ruleset, OTHER_KEY))), true),
        },
        ...DAMAGE.map(([what, damage, problem]) => ({
          name: `${way} notices on the way: ${what}`,
          run: async () => {
            const said = String(await check(damage(signed.ruleset), signed.publicKey));
            if (!problem.test(said)) throw new Error(`It said: ${said}`);
          },
        })),
      ];
    }),
  ];
}
