import { Buffer } from 'node:buffer';
import type { EvaluationContext } from '@flags/core';
import { canonicalize, FlagsError } from '@flags/sync';
import { builtin } from './builtin.ts';

/** The least length of a secret that signs contexts, in characters: what HMAC-SHA256 can make use of. */
export const MIN_CONTEXT_SECRET_LENGTH = 32;

/** The request header that carries a signature. */
export const CONTEXT_SIGNATURE_HEADER = 'x-flags-context-signature';

/**
 * Signs a context for a browser, so that a relay that asks for signatures answers for this context and no other. The result goes
 * into the header `X-Flags-Context-Signature` of requests with exactly this context. It is
 * `v1.<expiry, seconds>.<HMAC-SHA256, base64url>` over `flags-context.v1`, the expiry and the context's canonical JSON (RFC 8785),
 * with a line feed between. Throws a `FlagsError` for a secret under 32 characters or an expiry that is no moment.
 */
export function signContext(
  context: EvaluationContext,
  secret: string,
  { expiresAt }: { readonly expiresAt: Date | number },
): string {
  if (secret.length < MIN_CONTEXT_SECRET_LENGTH) {
    throw new FlagsError(
      'INVALID_ARGUMENT',
      'secret',
      `The secret has ${secret.length} characters and could be guessed.`,
      `Use ${MIN_CONTEXT_SECRET_LENGTH} or more, e.g. from: openssl rand -hex 32`,
    );
  }
  const expiry = Math.floor(Number(expiresAt) / 1_000);
  if (!Number.isSafeInteger(expiry) || expiry <= 0) {
    throw new FlagsError(
      'INVALID_ARGUMENT',
      'expiresAt',
      'expiresAt is no moment.',
      'Give a Date, or milliseconds since 1970.',
    );
  }
  return `v1.${expiry}.${macOf(context, secret, expiry).toString('base64url')}`;
}

/** What a signature proves: `until`, epoch milliseconds; or why it proves nothing. */
export type ContextProof = { readonly until: number } | { readonly problem: 'wrong' | 'expired' };

/**
 * Whether one of these secrets signed this context, and until when; each is tried, in constant time. For servers that take what
 * `signContext` made; the context is what `JSON.parse` gave.
 */
export function proveContext(
  context: EvaluationContext,
  signature: string,
  secrets: readonly string[],
  now: number = Date.now(),
): ContextProof {
  const [, digits, text] = /^v1\.([1-9]\d{0,12})\.([\w-]{43})$/.exec(signature) ?? [];
  if (digits === undefined || text === undefined) return { problem: 'wrong' };
  const given = Buffer.from(text, 'base64url');
  const expiry = Number(digits);
  const { timingSafeEqual } = builtin('node:crypto');
  let isSigned = false;
  for (const secret of secrets) if (timingSafeEqual(macOf(context, secret, expiry), given)) isSigned = true;
  if (!isSigned) return { problem: 'wrong' };
  return expiry * 1_000 > now ? { until: expiry * 1_000 } : { problem: 'expired' };
}

function macOf(context: EvaluationContext, secret: string, expiry: number): Buffer {
  // As it goes over the wire: dates as texts, nothing that JSON does not have.
  const wire: unknown = JSON.parse(JSON.stringify(context));
  return builtin('node:crypto')
    .createHmac('sha256', secret)
    .update(`flags-context.v1\n${expiry}\n${canonicalize(wire)}`)
    .digest();
}
