import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Replica } from '@flags/node';
import { createReplica, isFlagsError, verifyKeys as pin } from '@flags/node';
import { compileRuleset } from '@flags/core';
import type { Ruleset } from '@flags/core';
import type { HeldState, Position, Verifier } from '@flags/sync';
import { comparePositions, formatPosition, holdRuleset, parseSeals } from '@flags/sync';
import type { Entries } from '../entries.ts';
import { diffEntries, toRecord } from '../entries.ts';
import { RelayError } from '../errors.ts';
import { parseHistory } from '../history.ts';
import { createIngress } from '../ingress.ts';
import { isKey, kindOf } from '../keys/key.ts';
import { sourceProblem } from '../problem.ts';
import type { Source, SourceSink, StartState } from './source.ts';

/** Which relay to follow. */
export interface UpstreamOptions {
  /** Its address, with its prefix if it has one: `https://flags.example.com`. */
  readonly url: string;
  /** One of its keys. With a server key all is followed; with a client key what that is shown, to be served to client keys alone. */
  readonly key: string;
  /** How long several commits that came as one may take to be known one by one; 250 ms when absent. */
  readonly settleMs?: number;
  /**
   * Public keys that the flags have to be signed with: nothing else is taken over. Clients that pin keys need no such care of
   * their relay; those that pin none, and values evaluated here, are protected by it.
   */
  readonly verifyKeys?: readonly string[];
}

/** A source that follows another relay. */
export interface UpstreamSource extends Source {
  setKey(key: string): void;
}

/** Looks at the upstream because of a client that is ahead are this far apart, at least, in milliseconds. */
const REFRESH_GAP = 5_000;
/** The upstream is told of a client that is ahead of it only so often, in milliseconds. */
const TELL_GAP = 30_000;

/**
 * Creates a source that follows another relay. Positions and entries are taken over as they are, so that clients move between
 * this relay and that one with a delta or nothing. While the upstream cannot be reached, what is held stays in use.
 */
export function upstreamSource(options: UpstreamOptions): UpstreamSource {
  const { url, key, settleMs = 250, verifyKeys } = options;
  const scope = kindOf(key) === 'client' ? 'client' : 'server';
  const verifier = verifyKeys && verifierOf(verifyKeys, key);
  const ingress = createIngress(url);
  let replica: Replica | undefined;
  let current = key;
  /** Where a replica goes on from. */
  let resume = (): StartState | undefined => undefined;
  let sink: SourceSink | undefined;
  /** What the sink was given last. */
  let given: { readonly entries: Entries; readonly position: Position } | undefined;
  /** The upstream can be reached, but what it serves cannot be taken. */
  let isRefused = false;
  let lastProblem: string | undefined;
  let lastRefresh = -Infinity;
  /** The highest position that the upstream was told of. */
  let told: { readonly position: Position; readonly at: number } | undefined;
  let learning: Promise<void> | undefined;
  let drift = { found: 0, isNow: false };

  const report = (held: HeldState): void => {
    const { ruleset, position } = held;
    const admission = ingress.admit(ruleset);
    isRefused = !admission.ok;
    if (!admission.ok) return sink?.broken([admission.problem]);
    const { entries, doubts } = admission;
    const seals = parseSeals(ruleset.seals);
    const { epoch, version } = position;
    const before = given;
    given = { entries, position };
    const whole = (): Ruleset => {
      const all = { flags: toRecord(entries.flags), segments: toRecord(entries.segments) };
      return { format: 1, environment: ruleset.environment, epoch, version, ...all, seals };
    };
    resume = () => ({ ruleset: whole(), position });
    if (before?.position.epoch === epoch && before.position.version < version) {
      const { flags, segments } = diffEntries(before.entries, entries);
      sink?.apply({ epoch, version, flags: toRecord(flags), segments: toRecord(segments), seals });
    } else sink?.replace(whole());
    if (doubts.length > 0) sink?.doubtful(doubts);
    const isNextStep = before?.position.epoch === epoch && version - before.position.version === 1;
    if (!isNextStep) learn(before?.position);
  };

  // A relay merges commits, and a new one knows none: the states between are asked for. Twice, since those on the way ask too.
  const learn = (since: Position | undefined): void => {
    learning ??= (async () => {
      const path = `/v1/history${since === undefined ? '' : `?since=${formatPosition(since)}`}`;
      for (const wait of [settleMs, settleMs * 8]) {
        await sleep(wait, undefined, { ref: false });
        const history = parseHistory(parseJson(await replica?.get(path)));
        if (history === undefined) break;
        sink?.learn(history);
      }
      learning = undefined;
    })();
  };

  const connect = (): Replica => {
    const held = resume();
    const { found: before } = drift;
    drift = { found: before, isNow: false };
    return createReplica({
      url,
      key: current,
      ...(held && { held }),
      ...(verifier && { verifier }),
      onState: report,
      onStatus: ({ stale, message, drift: isNow, drifts }) => {
        drift = { found: before + drifts, isNow };
        if (!stale) {
          lastProblem = undefined;
          if (!isRefused) sink?.current();
        } else if (message !== undefined && message !== lastProblem) {
          lastProblem = message;
          const hint = 'What is held stays in use; attempts go on by themselves.';
          sink?.broken([sourceProblem(url, 'UPSTREAM', message, hint)]);
        }
      },
    });
  };

  return {
    isCopy: true,
    scope,
    get drift() {
      return drift;
    },
    start: async (to, held) => {
      sink = to;
      resume = () => held;
      try {
        replica = connect();
      } catch (error) {
        if (!isFlagsError(error)) throw error;
        throw new RelayError('INVALID_SOURCE', `The upstream "${url}" cannot be followed. ${error.message}`, [], error);
      }
    },
    setKey: (next) => {
      if (!isKey(next) || kindOf(next) !== kindOf(key)) {
        const kind = kindOf(key);
        throw new RelayError(
          'INVALID_OPTION',
          `The upstream is followed with a ${kind} key. Give another ${kind} key, or restart the relay to follow with one of another kind.`,
        );
      }
      if (next === current) return;
      current = next;
      if (sink === undefined) return;
      replica?.close();
      replica = connect();
    },
    doubt: (held) => {
      if (verifier === undefined) return undefined;
      let problem: string | undefined = 'it is not signed';
      const kept = holdRuleset(compileRuleset(held.ruleset), held.position);
      // The checks of this platform are done at once.
      void verifier.admit({ cache: kept }, { info: () => {}, warn: (text) => (problem = text) }, (_none, admitted) => {
        if (admitted?.position.version === held.position.version) problem = undefined;
      });
      return problem;
    },
    refresh: async (ahead) => {
      // Anybody with a key can claim to be ahead.
      await sleep(Math.max(0, lastRefresh + REFRESH_GAP - performance.now()), undefined, { ref: false });
      if (given !== undefined && comparePositions(ahead, given.position) <= 0) return;
      lastRefresh = performance.now();
      replica?.refresh();
      // The upstream may be behind as well: it hears of it, and asks on. Not of the same again, or it would go round a circle for ever.
      const isKnown = told !== undefined && comparePositions(ahead, told.position) <= 0;
      if (told !== undefined && isKnown && performance.now() - told.at < TELL_GAP) return;
      told = { position: ahead, at: performance.now() };
      await replica?.get(`/v1/history?since=${formatPosition(ahead)}`);
    },
    stop: async () => {
      sink = undefined;
      replica?.close();
    },
  };
}

function verifierOf(keys: readonly string[], key: string): Verifier {
  try {
    return pin(keys)(key);
  } catch (error) {
    if (!isFlagsError(error)) throw error;
    throw new RelayError('INVALID_OPTION', error.message, [], error);
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
