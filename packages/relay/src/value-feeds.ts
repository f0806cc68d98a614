import type { CompiledRuleset, EvaluationContext } from '@flags/core';
import { evaluate, isAffected, nextChangeAt } from '@flags/core';
import type { FlagReading, Position, Values } from '@flags/sync';
import { addToHash, comparePositions, formatStateHash, readingShare, removeFromHash } from '@flags/sync';
import { toRecord } from './entries.ts';
import type { Evaluator } from './evaluator.ts';
import { readableFlag } from './evaluator.ts';
import type { Feed, FeedAnswer } from './feed.ts';
import { tellReading } from './values.ts';
import type { ViewName } from './view.ts';
import type { Alarm } from './alarm.ts';
import type { ContextSegments } from './context-segments.ts';

/** Feeds streams with what flags give for one context each. */
export interface ValueFeeds {
  /** A feed for one stream; `close` is called when it has ended. */
  open(as: ViewName, context: EvaluationContext, close?: () => void): Feed;
}

/** What a stream holds: the rules, the context and the time that gave it. Reading is pure, so the values themselves need not be kept. */
interface Held {
  readonly rules: CompiledRuleset;
  readonly context: EvaluationContext;
  readonly at: number;
  readonly hash: number;
  /** When the clock alone may change a value; `Infinity` when it never will. */
  readonly due: number;
  /** The object that the stream asks with. */
  readonly position: Position;
}

const CURRENT: FeedAnswer = { kind: 'current' };
const BEHIND: FeedAnswer = { kind: 'behind' };
/** So many flags are read in the time of one write to a socket. */
const READS_PER_WRITE = 50;

/** What feeds may be told. */
export interface ValueFeedOptions {
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Keeps the external segments of contexts current; nobody does when absent. */
  readonly segments?: Pick<ContextSegments, 'watch'> | undefined;
}

/** Creates feeds over these rules; the alarm is set for the moments at which the clock alone changes a value. */
export function createValueFeeds(
  evaluator: Evaluator,
  alarm: Alarm,
  { now = Date.now, segments }: ValueFeedOptions = {},
): ValueFeeds {
  const affected = createAffected();
  const rulesNow = (): CompiledRuleset => {
    const rules = evaluator.rules();
    if (rules === undefined) throw new Error('A stream of values is open before there are any.');
    return rules;
  };

  return {
    open: (as, given, close = () => {}) => {
      let context = given;
      let held: Held | undefined;
      const watch = segments?.watch(given, (next) => {
        context = next;
        alarm.set(now());
      });

      const read = (from: Pick<Held, 'rules' | 'context' | 'at'>, key: string): FlagReading | undefined =>
        readableFlag(from.rules, as, key) === undefined
          ? undefined
          : tellReading(evaluate(from.rules, key, from.context, null, from.at), as);

      const readAll = (rules: CompiledRuleset, at: number): { hash: number; values: Map<string, FlagReading> } => {
        const values = new Map<string, FlagReading>();
        let hash = 0;
        for (const key of rules.flags.keys()) {
          const reading = read({ rules, context, at }, key);
          if (reading === undefined) continue;
          evaluator.counts.add('stream', reading);
          values.set(key, reading);
          hash = addToHash(hash, readingShare(key, reading));
        }
        return { hash, values };
      };

      const hold = (rules: CompiledRuleset, at: number, hash: number, position: Position): void => {
        const due = isTimed(rules, at) ? (nextChangeAt(rules, at, context) ?? Infinity) : Infinity;
        held = { rules, context, at, hash, due, position };
        alarm.set(due);
      };

      const everything = (from: Position | undefined): FeedAnswer => {
        const [rules, at] = [rulesNow(), now()];
        const { hash, values } = readAll(rules, at);
        const position = positionOf(rules, hash);
        if (from?.epoch === position.epoch && from.hash === position.hash) {
          hold(rules, at, hash, from);
          return CURRENT;
        }
        hold(rules, at, hash, position);
        return { kind: 'message', message: { type: 'VALUES', position, values: toRecord(values) } };
      };

      const changes = (before: Held): FeedAnswer => {
        const [rules, at] = [rulesNow(), now()];
        const isOther = at >= before.due || context !== before.context;
        if (rules !== before.rules) watch?.check();
        else if (!isOther) {
          // The alarm goes off for all, and is then set anew by all.
          alarm.set(before.due);
          return CURRENT;
        }
        if (rules.epoch !== before.rules.epoch) return everything(undefined);
        const values = new Map<string, FlagReading | null>();
        let { hash } = before;
        for (const key of isOther ? allKeys(before.rules, rules) : affected(before.rules, rules)) {
          const was = read(before, key);
          const is = read({ rules, context, at }, key);
          if (is !== undefined) evaluator.counts.add('stream', is);
          const [out, share] = [readingShare(key, was), readingShare(key, is)];
          if (out === share) continue;
          hash = addToHash(removeFromHash(hash, out), share);
          values.set(key, is ?? null);
        }
        if (values.size === 0) {
          hold(rules, at, hash, before.position);
          return CURRENT;
        }
        const position = positionOf(rules, hash);
        hold(rules, at, hash, position);
        const message: Values = { type: 'VALUES', from: before.position, position, values: toRecord(values) };
        return { kind: 'message', message };
      };

      return {
        name: as,
        kind: 'values',
        get position() {
          // Before there is an answer to compare with, only the version is of use to anyone.
          return held === undefined ? positionOf(rulesNow(), 0) : positionOf(held.rules, held.hash);
        },
        get weight() {
          return 1 + Math.ceil(rulesNow().flags.size / READS_PER_WRITE);
        },
        answer: (from) => {
          if (held !== undefined && from === held.position) return changes(held);
          if (from !== undefined && comparePositions(from, positionOf(rulesNow(), 0)) > 0) return BEHIND;
          return everything(from);
        },
        close: () => {
          watch?.stop();
          close();
        },
      };
    },
  };
}

function positionOf({ epoch, version }: CompiledRuleset, hash: number): Position {
  return { epoch, version, hash: formatStateHash(hash) };
}

// Asking without a context is asking for all of them. No edge ahead now means none ever.
const timed = new WeakMap<CompiledRuleset, boolean>();

function isTimed(rules: CompiledRuleset, now: number): boolean {
  let answer = timed.get(rules);
  if (answer === undefined) {
    answer = nextChangeAt(rules, now) !== undefined;
    timed.set(rules, answer);
  }
  return answer;
}

/** The flags that may give something else than before. Nearly all streams ask for the very same step, so the last is kept. */
function createAffected(): (before: CompiledRuleset, after: CompiledRuleset) => readonly string[] {
  let last: { before: CompiledRuleset; after: CompiledRuleset; keys: readonly string[] } | undefined;
  return (before, after) => {
    if (last?.before !== before || last.after !== after) {
      const keys = [...allKeys(before, after)].filter((key) => isAffected(before, after, key));
      last = { before, after, keys };
    }
    return last.keys;
  };
}

function allKeys(before: CompiledRuleset, after: CompiledRuleset): Set<string> {
  return new Set([...before.flags.keys(), ...after.flags.keys()]);
}
