import type { FullSyncRef, Position, Values } from '@flags/sync';
import type { Answer, FullSyncReason, ViewName } from './view.ts';

/** Says that answers may have changed, and nothing else: OFREP's notification, to whoever asks again by itself. */
export interface Refetch {
  readonly type: 'REFETCH';
  readonly position: Position;
  /** The `data` of the event. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A full sync whose ruleset is only named. */
export type NamedSync = FullSyncRef & { readonly reason: FullSyncReason };

/** What a stream carries: rules, what they give for a context, or that some answer may be another now. */
export type FeedKind = 'rules' | 'values' | 'notices';

/** Every kind of feed. */
export const FEED_KINDS: readonly FeedKind[] = ['rules', 'values', 'notices'];

/** What a holder of a position needs to be at the head of a feed. */
export type FeedAnswer = Answer | { readonly kind: 'message'; readonly message: NamedSync | Values | Refetch };

/**
 * What a stream is kept up to date with. A view is one, for all streams of one kind of key; a stream of values has one of its
 * own, which evaluates when it is asked.
 */
export interface Feed {
  readonly name: ViewName;
  /** What is streamed: `rules` when absent. */
  readonly kind?: Exclude<FeedKind, 'rules'>;
  /** Where the head is, as heartbeats tell it. */
  readonly position: Position;
  /** What an answer costs, in writes to a socket: a fan-out pauses by it. 1 when absent. */
  readonly weight?: number;
  /** The step from a position to the head; a stream asks with the very object it was answered with last. */
  answer(held: Position | undefined): FeedAnswer;
  /** The connection of its only stream is gone. */
  close?(): void;
}

/** What led a new stream to the head: nothing, since it stood there or beyond; a delta; or everything, and why. */
export type ResumeKind = 'current' | 'behind' | 'delta' | FullSyncReason;

/** What an answer to a new stream was, for the metrics. */
export function resumeKind(answer: FeedAnswer, held: Position | undefined): ResumeKind {
  if (answer.kind !== 'message') return answer.kind;
  if (answer.message.type === 'FULL_SYNC') return answer.message.reason;
  if (held === undefined) return 'initial';
  // Values that were sent are not kept for a stream that is gone.
  return answer.message.type === 'VALUES' ? 'evicted' : 'delta';
}
