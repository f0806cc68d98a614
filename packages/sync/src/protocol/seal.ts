import type { Seal } from '@flags/core';
import { canonicalize } from './canonical.ts';
import type { HeldState } from './change.ts';

/** What a signature is over. */
export interface SealedState extends Omit<Seal, 'signature'> {
  readonly environment: string;
  readonly epoch: string;
}

/** The exact text that is signed, as UTF-8 (RFC 8785). Names the view and the environment, so that a signature of one is none of another. */
export function sealText({ environment, view, epoch, version, root, keyId }: SealedState): string {
  return canonicalize({ format: 1, environment, view, epoch, version, root, keyId });
}

/**
 * A held state at the version that its origin signed, which may be below that of its position: commits that leave a view alone
 * move only the position, and nobody signs that. `undefined` when it is not signed for this view.
 */
export function sealedAt(held: HeldState, view: Seal['view']): HeldState | undefined {
  const seal = parseSeals(held.ruleset.seals).find((one) => one.view === view);
  return seal && { ...held, position: { ...held.position, version: seal.version } };
}

/** The seals in untrusted JSON; what is none is left out. */
export function parseSeals(json: unknown): readonly Seal[] {
  return Array.isArray(json) ? json.filter(isSeal) : [];
}

function isSeal(value: unknown): value is Seal {
  if (typeof value !== 'object' || value === null) return false;
  const { view, version, root, keyId, signature } = value as Readonly<Record<string, unknown>>;
  return (
    (view === 'server' || view === 'client') &&
    Number.isSafeInteger(version) &&
    typeof root === 'string' &&
    typeof keyId === 'string' &&
    typeof signature === 'string'
  );
}
