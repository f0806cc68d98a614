import type { CompiledRuleset, EvaluationContext } from '@flags/core';
import { externalSegmentsOf, parsePath, readUnit } from '@flags/core';
import { FlagsError } from './flags-error.ts';
import { guardLogger } from './guard-logger.ts';
import { SILENT } from './options.ts';
import type { Logger } from './ports.ts';
import { prepareContext } from './prepared-context.ts';
import type { LookUpSegments, LookupPorts, LookupSettings, Membership } from './segment-lookups.ts';
import { createLookups } from './segment-lookups.ts';

/** How what was looked up is kept. */
export interface ExternalSegmentsOptions {
  /** Units that are remembered at once, the least recently used given up first; 10 000 when absent. */
  readonly maxUnits?: number;
  /**
   * How long an answer is current, in milliseconds, ± 20 %; 60 000 when absent. For as long again it is used at once while it is
   * asked for anew; after that only when there is no answer.
   */
  readonly ttlMs?: number;
  /** The longest a context waits for an answer, in milliseconds; 500 when absent. */
  readonly timeoutMs?: number;
}

/** What may be said about one context. */
export interface ResolveOptions {
  /** The flags that will be read; all when absent. */
  readonly flags?: readonly string[] | undefined;
  /** Takes what goes on after the context is there, where a platform has to be told. */
  readonly later?: ((work: Promise<unknown>) => void) | undefined;
}

/** Puts external segments into contexts. */
export interface Segments {
  /** About how long an answer is current, in milliseconds. */
  readonly ttlMs: number;
  /**
   * The context with `$segments`, at once where nothing has to be waited for; the same object where no flag depends on an external
   * segment, or the context has no such unit. What could not be looked up is listed as `$unresolved`. Never throws or rejects.
   */
  resolve(
    ruleset: CompiledRuleset,
    context: EvaluationContext,
    options?: ResolveOptions,
  ): EvaluationContext | Promise<EvaluationContext>;
}

/** What `externalSegments` gives to a client, an isolate or a relay, which completes it with its ports. */
export type CreateSegments = (
  ports: Omit<LookupPorts, 'logger'> & { readonly logger?: Logger | undefined },
) => Segments;

/** Nobody has longer ids, and what is kept of a unit is bounded by it. */
const MAX_UNIT_LENGTH = 512;
/**
 * Nobody has these in an id either, and databases refuse them: a visitor who makes up a few such units would have all lookups paused.
 * Control characters, and halves of characters.
 */
const IN_NO_UNIT = /[\p{Cc}\p{Cs}]/u;
const LONGEST_MS = 86_400_000;

/**
 * Looks up who is in external segments: in a database, in Redis, at a service. For the option `segments`. Answers are kept, also those
 * that say no; one unit is asked about once at a time.
 *
 * @param lookUp Says which of `segments` hold for `unit`. After five failures in a row it is left alone for some 5 s.
 * @throws {FlagsError} `INVALID_OPTION` when it is no function, or a number is none of these.
 */
export function externalSegments(lookUp: LookUpSegments, options: ExternalSegmentsOptions = {}): CreateSegments {
  const { maxUnits = 10_000, ttlMs = 60_000, timeoutMs = 500 } = options;
  if (typeof lookUp !== 'function') {
    throw invalid('The lookup is no function', 'Pass async ({ unit, segments }) => keys of those that hold.');
  }
  for (const [name, value, most] of [
    ['maxUnits', maxUnits, 100_000_000],
    ['ttlMs', ttlMs, LONGEST_MS],
    ['timeoutMs', timeoutMs, LONGEST_MS],
  ] as const) {
    // Written so that NaN is refused.
    if (!(typeof value === 'number' && value >= 1 && value <= most)) {
      throw invalid(`\`${name}\` is no number from 1 to ${most}`, 'Pass one, or leave it out.');
    }
  }
  return ({ logger = SILENT, ...ports }) =>
    createSegments(lookUp, { maxUnits, ttlMs, timeoutMs }, { ...ports, logger: guardLogger(logger) });
}

const inBackground = (work: Promise<unknown>): void => void work;

function createSegments(lookUp: LookUpSegments, settings: LookupSettings, ports: LookupPorts): Segments {
  const lookups = createLookups(lookUp, settings, ports);

  function resolve(
    ruleset: CompiledRuleset,
    context: EvaluationContext,
    { flags, later = inBackground }: ResolveOptions = {},
  ): EvaluationContext | Promise<EvaluationContext> {
    const needs = externalSegmentsOf(ruleset, flags);
    if (needs.size === 0) return context;
    const all = externalSegmentsOf(ruleset);
    const asked: ReadonlySet<string>[] = [];
    const answers: (Membership | undefined | Promise<Membership | undefined>)[] = [];
    for (const [by, needed] of needs) {
      const unit = readUnit(context, parsePath(by));
      // Nobody is in no segment.
      if (unit === undefined) continue;
      asked.push(needed);
      const isAskable = unit.length <= MAX_UNIT_LENGTH && !IN_NO_UNIT.test(unit);
      answers.push(isAskable ? lookups.ask({ by, unit, needed, all: all.get(by) ?? needed, later }) : undefined);
    }
    if (asked.length === 0) return context;
    return answers.some((answer) => answer instanceof Promise)
      ? Promise.all(answers.map(async (answer) => answer))
          .then((known) => complete(context, asked, known))
          .catch(() => context)
      : complete(context, asked, answers as readonly (Membership | undefined)[]);
  }

  return {
    ttlMs: settings.ttlMs,
    resolve: (ruleset, context, options) => {
      try {
        return resolve(ruleset, context, options);
      } catch {
        // A getter of the context threw, and will when it is read.
        return context;
      }
    },
  };
}

function complete(
  context: EvaluationContext,
  asked: readonly ReadonlySet<string>[],
  known: readonly (Membership | undefined)[],
): EvaluationContext {
  const held: string[] = [];
  const unresolved: string[] = [];
  for (const [index, needed] of asked.entries()) {
    const about = known[index];
    for (const key of needed) {
      if (about?.asked.has(key) !== true) unresolved.push(key);
      else if (about.held.has(key)) held.push(key);
    }
  }
  return prepareContext(context, held, unresolved);
}

function invalid(what: string, fix: string): FlagsError {
  return new FlagsError('INVALID_OPTION', 'segments', `${what}.`, fix);
}
