import type { EvaluationContext, Json, Reason, Resolution } from '@flags/core';
import { xxh32 } from '@flags/core';
import { freeze } from '../protocol/freeze.ts';
import { canonicalize } from '../protocol/canonical.ts';
import type { Logger } from './ports.ts';

/** What one flag gave for the context of a bootstrap. */
export interface BootstrapValue {
  readonly value: Json;
  /** The index of the variation. */
  readonly variation?: number;
  /** Its name. */
  readonly variant?: string;
  /** Why, where whoever computed it says so; else `UNKNOWN`. */
  readonly reason?: Reason;
  /** The rule that decided. */
  readonly ruleId?: string;
  /** The flag's version. */
  readonly version?: number;
}

/** Values for one context, computed elsewhere: what a server puts into a page. Readers ignore members they do not know. */
export interface ValuesBootstrap {
  /** For people. */
  readonly version?: string;
  readonly flags: Readonly<Record<string, BootstrapValue>>;
  /** When they were computed, epoch milliseconds. */
  readonly at?: number;
  /** `fingerprintOf` the context they hold for; without it they hold for whatever context the client starts with. */
  readonly context?: string;
}

/** Values by key, as reads give them. */
export type Overlay = ReadonlyMap<string, Resolution>;

/**
 * Tells contexts apart without saying what is in them: 16 hexadecimal digits, since of a million users some hundred would share one of
 * 8. No protection from who looks for two that are alike. `undefined` for a context that has no end.
 */
export function fingerprintOf(context: EvaluationContext): string | undefined {
  const text = contextText(context);
  if (text === undefined) return undefined;
  const half = hex(xxh32(text));
  return half + hex(xxh32(half + text));
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}

/** One text for contexts that say the same; `undefined` for one that has no end. */
export function contextText(context: EvaluationContext): string | undefined {
  try {
    return canonicalize(context);
  } catch {
    // It contains itself, or a getter throws.
    return undefined;
  }
}

/** Whether a bootstrap holds values; else it holds rules, or nothing of use. */
export function isValuesBootstrap(bootstrap: unknown): bootstrap is ValuesBootstrap {
  return isObject(bootstrap) && isObject(bootstrap['flags']) && !('format' in bootstrap) && !('ruleset' in bootstrap);
}

/** The values of a bootstrap, frozen. What is no value is left out. */
export function readOverlay({ flags }: ValuesBootstrap): Overlay {
  const overlay = new Map<string, Resolution>();
  for (const [key, entry] of Object.entries<unknown>(flags)) {
    if (!isObject(entry) || entry['value'] === undefined) continue;
    const { value, variation, variant, reason, ruleId, version } = entry;
    overlay.set(
      key,
      Object.freeze({
        value: freeze(value as Json),
        variant: typeof variant === 'string' ? variant : undefined,
        variation: typeof variation === 'number' ? variation : undefined,
        // A page need not say why.
        reason: typeof reason === 'string' ? (reason as Reason) : 'UNKNOWN',
        ruleId: typeof ruleId === 'string' ? ruleId : undefined,
        version: typeof version === 'number' ? version : undefined,
        experiment: undefined,
        errorCode: undefined,
      }),
    );
  }
  return overlay;
}

/** Whether a value is of the default's type; any is where the default is `null`. */
export function fits(value: unknown, defaultValue: unknown): boolean {
  return defaultValue === null || (value !== null && typeof value === typeof defaultValue);
}

/** The same, for a client: what is left out is told once. */
export function takeOverlay(bootstrap: ValuesBootstrap, logger: Logger): Overlay {
  const overlay = readOverlay(bootstrap);
  if (overlay.size < Object.keys(bootstrap.flags).length) {
    logger.warn('Some flags of the bootstrap are left out: each has to be { value: … }.');
  }
  return overlay;
}

/** What a read of this value gives: the value, or the default when its type is another; a `null` default takes any. */
export function resolveOverlay(resolution: Resolution, defaultValue: unknown): Resolution<unknown> {
  if (fits(resolution.value, defaultValue)) return resolution;
  return {
    ...resolution,
    value: defaultValue,
    variant: undefined,
    variation: undefined,
    reason: 'ERROR',
    errorCode: 'TYPE_MISMATCH',
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
