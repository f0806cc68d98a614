import type { EvaluationContext } from '@flags/core';
import { copyContext } from './context-client.ts';
import { FlagsError } from './flags-error.ts';
import type { FlagsErrorCode } from './flags-error.ts';
import { createKeySource } from './key-source.ts';
import type { KeySource } from './key-source.ts';
import { contextText, fingerprintOf } from './values-bootstrap.ts';

/** Has a context signed by a server that vouches for it. */
export type SignContext = (context: EvaluationContext) => string | Promise<string>;

/** Whom values are for. */
export interface Subject {
  readonly context: EvaluationContext;
  /** The context as JSON; the same text for contexts that say the same. */
  readonly text: string;
  readonly fingerprint: string;
  readonly signer: KeySource | undefined;
  /** What the last request was signed with. */
  signature: string | undefined;
}

/**
 * Takes a context that is to be sent.
 *
 * @throws {FlagsError} of this code, when it is no object or cannot be written as JSON.
 */
export function createSubject(given: unknown, sign: string | SignContext | undefined, code: FlagsErrorCode): Subject {
  const context = copyContext(given, code);
  const text = contextText(context);
  const fingerprint = fingerprintOf(context);
  if (text === undefined || fingerprint === undefined) {
    throw new FlagsError(code, 'context', 'The context cannot be written as JSON.', 'Leave out what has no JSON.');
  }
  const provider = typeof sign === 'function' ? () => sign(context) : sign;
  const signer = provider === undefined ? undefined : createKeySource(provider, 'contextSignature');
  return { context, text, fingerprint, signer, signature: undefined };
}

/** Gives the key once what it goes with is at hand too: the signature of whoever is the subject then. */
export function createCredentials(keys: KeySource, current: () => Subject): KeySource {
  return {
    get: (refresh, use, fail) => {
      const subject = current();
      const withKey = (key: string): void => {
        if (subject.signer === undefined) return use(key);
        const withSignature = (signature: string): void => {
          subject.signature = signature;
          use(key);
        };
        return subject.signer.get(refresh, withSignature, fail);
      };
      keys.get(refresh, withKey, fail);
    },
  };
}
