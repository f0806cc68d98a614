import type { CompiledRuleset, EvaluationContext, Flag, Resolution } from '@flags/core';
import { evaluateAll } from '@flags/core';
import { FlagsError } from './flags-error.ts';
import { originalOf } from './prepared-context.ts';
import { fingerprintOf } from './values-bootstrap.ts';
import type { BootstrapValue, ValuesBootstrap } from './values-bootstrap.ts';

/** Where a bootstrap goes in a page. */
export interface RenderOptions {
  /** The nonce of the page's content security policy. */
  readonly nonce?: string;
  /** Writes JSON into an element with this id, which runs nothing and needs no nonce; else `window.__FLAG_BOOTSTRAP__` is set. */
  readonly id?: string;
}

/** What goes into a bootstrap. */
export interface BootstrapOptions {
  /** Only these flags; all that browsers may see by default. */
  readonly keys?: readonly string[] | undefined;
  /**
   * Whether it says why: reason and version of each, and the rule of those whose rules browsers may see. Without them a page says
   * `UNKNOWN` until it has rules, and is shorter.
   */
  readonly details?: boolean | undefined;
}

/**
 * What a page's flags give for one context: those that browsers may see, and have an answer.
 *
 * @param ruleset What a client's `snapshot()` gives. Without rules there is nothing for the page, and it has its defaults.
 * @param now Epoch milliseconds.
 */
export function createBootstrap(
  ruleset: CompiledRuleset | undefined,
  context: EvaluationContext,
  now: number,
  { keys, details = false }: BootstrapOptions = {},
): ValuesBootstrap {
  if (ruleset === undefined) return { flags: {}, at: now };
  const wanted = keys && new Set(keys);
  const flags: [key: string, value: BootstrapValue][] = [];
  for (const [key, resolution] of Object.entries(evaluateAll(ruleset, context, now, { client: true }))) {
    const { value, variation, variant, errorCode } = resolution;
    if (errorCode !== undefined || variation === undefined || variant === undefined) continue;
    if (wanted !== undefined && !wanted.has(key)) continue;
    flags.push([key, { value, variation, variant, ...(details && reasonOf(ruleset, key, resolution)) }]);
  }
  // The page's context knows nothing of segments that were looked up here.
  const fingerprint = fingerprintOf(originalOf(context));
  const scope = fingerprint === undefined ? {} : { context: fingerprint };
  // A plain object, which React passes from server components to others; as its own members, all keys are ordinary.
  return { version: `v${ruleset.version}`, flags: Object.fromEntries(flags), at: now, ...scope };
}

/** Why, as far as a browser may know: what the relay tells client keys. */
function reasonOf(
  ruleset: CompiledRuleset,
  key: string,
  { reason, ruleId, version }: Resolution,
): Omit<BootstrapValue, 'value'> {
  const hasRule = ruleId !== undefined && (ruleset.flags.get(key) as Partial<Flag> | undefined)?.client === true;
  return { reason, ...(version !== undefined && { version }), ...(hasRule && { ruleId }) };
}

/**
 * The script element that carries a bootstrap. Whatever is in the values, nothing of it can end the element, begin a comment
 * in it or become code.
 *
 * @param bootstrap From `createBootstrap`, or `{ ruleset }` with a ruleset of the client view.
 * @throws {FlagsError} `INVALID_ARGUMENT` for a nonce or id that cannot be one.
 */
export function renderBootstrap(
  bootstrap: ValuesBootstrap | { readonly ruleset: object },
  { nonce, id }: RenderOptions = {},
): string {
  const attribute = nonce === undefined ? '' : ` nonce="${check('nonce', nonce)}"`;
  if (id === undefined) return `<script${attribute}>window.__FLAG_BOOTSTRAP__ = ${scriptLiteral(bootstrap)}</script>`;
  const json = escapeJson(JSON.stringify(bootstrap));
  return `<script type="application/json" id="${check('id', id)}"${attribute}>${json}</script>`;
}

/**
 * Data as JavaScript that can stand in a script element: `<script>window.app = ${scriptLiteral(data)}</script>`. Whatever is in it,
 * nothing can end the element, begin a comment in it or become code. What JSON does not know is lost, as with `JSON.stringify`.
 *
 * @throws {TypeError} as `JSON.stringify` does: for what contains itself, and for a bigint.
 */
export function scriptLiteral(data: unknown): string {
  const json: string | undefined = JSON.stringify(data);
  if (json === undefined) return 'undefined';
  // In a literal, unlike in JSON, this one name would set the prototype. Only a member's name can follow `{` or `,` unescaped.
  return escapeJson(json).replace(/([{,])"__proto__":/g, '$1["__proto__"]:');
}

/** JSON as it may stand in a script element: the same value, without what HTML or JavaScript before 2019 takes for its own. */
function escapeJson(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function check(name: string, text: string): string {
  if (/^[\w+/=.:-]{1,256}$/.test(text)) return text;
  throw new FlagsError(
    'INVALID_ARGUMENT',
    name,
    `The ${name} holds characters that it cannot have.`,
    'Use letters, digits and + / = . : - _ only.',
  );
}
