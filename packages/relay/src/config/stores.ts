import { z } from 'zod';
import type { InputProblem } from '../input-problems.ts';
import { inputProblems } from '../input-problems.ts';
import type { ViewName } from '../view.ts';
import { isAddress } from '../source-config.ts';
import type { Variables } from './sources.ts';

interface CommonSettings {
  /** For logs and metrics. */
  readonly name: string;
  readonly view: ViewName;
  readonly prefix?: string | undefined;
  /** The environment variable with the token. */
  readonly tokenFrom: string;
  /** Seconds between two confirmations; `false` for none. */
  readonly confirm: number | false;
}

/** A store at the edge as it is configured, without its token. */
export type StoreSettings = CommonSettings &
  (
    | { readonly kind: 'cloudflare'; readonly account: string; readonly namespace: string; readonly url?: string }
    | { readonly kind: 'redis'; readonly url: string }
    | { readonly kind: 'edge-config'; readonly id: string; readonly team?: string; readonly url?: string }
  );

/** A store and what opens it. */
export interface StoreConfig {
  readonly settings: StoreSettings;
  readonly token: string;
}

/** The stores, or everything that is wrong with them. */
export type ParsedStores =
  | { readonly ok: true; readonly stores: readonly StoreConfig[] }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

const KINDS_FIX =
  'Write cloudflare:<account>/<namespace>, redis:https://… or edge-config:ecfg_…, with ?view=client and others behind it; or an object with kind.';
const ID_FIX = 'Give the id that the console shows, of letters, digits, - and _.';
const ADDRESS_FIX = 'Give an address such as https://eu1-example.upstash.io, without user, password and query.';
const TOKEN_FIX =
  'Give the name of an environment variable that holds the token, e.g. KV_TOKEN; never the token itself.';
const VIEW_FIX = 'Say what is written there: server, which is everything, or client.';
const CONFIRM_FIX = 'Give seconds from 1 on, or false: how often it is told that nothing is newer.';
const NAME_FIX = 'Give a name of 1 to 32 letters, digits, - and _; metrics have it.';
const PREFIX_FIX = 'Give a text of letters, digits and _.:/-, up to 64, e.g. flags/.';

const id = z.string({ error: ID_FIX }).regex(/^[\w-]+$/, { error: ID_FIX });
const address = z.string({ error: ADDRESS_FIX }).refine(isAddress, { error: ADDRESS_FIX });
const common = {
  name: z
    .string({ error: NAME_FIX })
    .regex(/^[\w-]{1,32}$/, { error: NAME_FIX })
    .optional(),
  view: z.enum(['server', 'client'], { error: VIEW_FIX }).optional(),
  prefix: z
    .string({ error: PREFIX_FIX })
    .regex(/^[\w.:/-]{0,64}$/, { error: PREFIX_FIX })
    .optional(),
  tokenFrom: z
    .string({ error: TOKEN_FIX })
    .regex(/^[A-Z_][A-Z0-9_]*$/, { error: TOKEN_FIX })
    .optional(),
  confirm: z.union([z.literal(false), z.number().min(1)], { error: CONFIRM_FIX }).optional(),
};
const KIND = { error: KINDS_FIX };
const fields = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('cloudflare', KIND),
      account: id,
      namespace: id,
      url: address.optional(),
      ...common,
    }),
    z.strictObject({ kind: z.literal('redis', KIND), url: address, ...common }),
    z.strictObject({
      kind: z.literal('edge-config', KIND),
      id,
      team: id.optional(),
      url: address.optional(),
      ...common,
    }),
  ],
  KIND,
);

/** Stores as a configuration writes them. */
export const storesSchema: z.ZodType<readonly unknown[]> = z.array(
  z.union([z.string(KIND).regex(/^(?:cloudflare|redis|edge-config):./, KIND), fields], KIND),
  { error: 'Give a list of stores.' },
);

/** Where vendors put it; and whose writes are too few to say again and again that nothing is newer. */
const DEFAULTS = {
  cloudflare: { tokenFrom: 'CLOUDFLARE_API_TOKEN', confirm: 15 },
  redis: { tokenFrom: 'UPSTASH_REDIS_REST_TOKEN', confirm: 15 },
  'edge-config': { tokenFrom: 'VERCEL_TOKEN', confirm: false },
} as const;

/** Checks stores and finds their tokens in the environment. Problems quote no token, and nothing that may be one in the wrong place. */
export function parseStores(input: readonly unknown[], variables: Variables): ParsedStores {
  const entries = input.map((entry) => (typeof entry === 'string' ? fromText(entry) : entry));
  const parsed = z.array(fields).safeParse(entries);
  if (!parsed.success) {
    const isSecret = (path: readonly PropertyKey[]): boolean => path.length < 2 || path[1] !== 'view';
    return { ok: false, problems: inputProblems(storesSchema, entries, parsed.error, isSecret) };
  }
  const problems: InputProblem[] = [];
  const names = new Set<string>();
  const places = new Set<string>();
  const stores = parsed.data.map((entry, index): StoreConfig => {
    const report = (message: string): void => void problems.push({ path: [index], message });
    // First, as it is printed.
    const called = { kind: entry.kind, name: nameOf(entry, names) };
    const settings = { ...called, view: 'server', ...DEFAULTS[entry.kind], ...entry, ...called } as StoreSettings;
    const { tokenFrom, name, confirm: _confirm, ...place } = settings;
    const written = JSON.stringify(place);
    if (places.has(written)) report('is there twice. Leave one out, or give it another view or prefix.');
    if (names.has(name)) report(`has the name ${name}, as another store does. Give it one of its own.`);
    places.add(written);
    names.add(name);
    const token = variables[tokenFrom]?.trim() ?? '';
    if (token === '')
      report(`needs a token, and ${tokenFrom} is not set. Put it there, or name another variable with tokenFrom.`);
    else if (!/^[\x21-\x7E]+$/.test(token))
      report(`has no token in ${tokenFrom}: a token is visible ASCII without spaces.`);
    return { settings, token };
  });
  return problems.length === 0 ? { ok: true, stores } : { ok: false, problems };
}

/** The kind, with a number where there are several. */
function nameOf(
  { kind, name }: { readonly kind: string; readonly name?: string | undefined },
  taken: Set<string>,
): string {
  if (name !== undefined) return name;
  let count = 1;
  while (taken.has(count === 1 ? kind : `${kind}-${count}`)) count += 1;
  return count === 1 ? kind : `${kind}-${count}`;
}

/** `cloudflare:<account>/<namespace>?view=client` as an object. What is no store stays a text, for the schema to refuse. */
function fromText(text: string): unknown {
  const [, kind, place = '', query = ''] =
    /^(cloudflare|redis|edge-config):([^?]+)(?:\?(.*))?$/s.exec(text.trim()) ?? [];
  if (kind === undefined) return text;
  const options: Record<string, unknown> = Object.fromEntries(new URLSearchParams(query));
  const { confirm } = options;
  if (typeof confirm === 'string') options['confirm'] = confirm === 'false' ? false : Number(confirm);
  if (kind === 'redis') return { ...options, kind, url: place };
  if (kind === 'edge-config') return { ...options, kind, id: place };
  const [account, namespace, ...more] = place.split('/');
  return more.length > 0 ? text : { ...options, kind, account, namespace };
}
