import type { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Goodbye, Heartbeat, Position } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import type { Feed, FeedAnswer, ResumeKind } from './feed.ts';
import { resumeKind } from './feed.ts';
import { COMMENT, frameOf } from './frame.ts';
import type { ViewName } from './view.ts';

/** The writing end of one connection. */
export interface Outlet {
  /** Bytes handed over that the network has not taken yet. */
  readonly unsent: number;
  write(bytes: Buffer): void;
  /** Closes after everything handed over is sent. */
  end(): void;
  /** Called each time everything handed over has been taken, after some had to wait. */
  onDrain(listener: () => void): void;
  /** Called once, whoever closed the connection. */
  onClose(listener: () => void): void;
}

/** Every live stream of this process, and the fan-out to them. */
export interface Hub {
  /** How many streams are open. */
  readonly size: number;
  /** The streams and what was written to them; always as of now. */
  readonly counts: HubCounts;
  /** Adds a stream: what leads from `held` to the head at once, then a heartbeat, then every change. */
  open(outlet: Outlet, feed: Feed, held: Position | undefined): void;
  /** Views have moved: brings every stream to the head. Calls within 10 ms of a fan-out are merged into the next one. */
  publish(): void;
  /** A stream says that it has applied a position. */
  ack(id: string, position: Position): AckResult;
  /** Tells every stream goodbye, closes it, and takes no more. Resolves when all is written. */
  drain(windowMs: number): Promise<void>;
}

/**
 * What an acknowledgement says: `applied`, something sent on this stream after it was opened · `repeated`, what it had before ·
 * `ahead`, what it cannot have · `unknown`, the stream is not here.
 */
export type AckResult = 'applied' | 'repeated' | 'ahead' | 'unknown';

/** What a hub has done since it was created. */
export interface HubCounts {
  readonly open: Readonly<Record<ViewName, number>>;
  readonly bytes: Readonly<Record<ViewName, number>>;
  /** Streams passed over until they drain. */
  readonly late: number;
  readonly resumes: ReadonlyMap<ResumeKind, number>;
}

/** The numbers of a hub. */
export interface HubOptions {
  /** Between heartbeats of a stream. Half-way between them goes a comment. */
  readonly heartbeatMs: number;
  /** Whether streams are asked to acknowledge what they have applied. */
  readonly acks?: boolean;
  /** Called after a fan-out, with the time from the first `publish` it serves to the last stream's write. */
  readonly onFanOut?: (ms: number) => void;
}

/** Every 30 s, with a comment between: idle timeouts on the path start at 30 s. */
const DEFAULT_HUB_OPTIONS: HubOptions = { heartbeatMs: 30_000 };

/** A fan-out pauses after so many streams, so that other requests keep their latency. */
const SLICE = 500;
/** Time between two fan-outs, at least: a burst of commits becomes one message. */
const MERGE_MS = 10;
/** With more than this unsent nothing is written to a stream; once it drains it gets one net change. */
const MAX_UNSENT = 64 * 1024;
/** Streams are spread over so many turns of a heartbeat interval, so that heartbeats cause no burst. Even, for the comments. */
const SLOTS = 30;

interface Stream {
  readonly outlet: Outlet;
  readonly feed: Feed;
  /** What was sent last, or what the client came with. */
  position: Position | undefined;
  /** What it began with, and then what it has acknowledged. */
  acked: Position;
  /** Was passed over because of unsent bytes. */
  late: boolean;
}

const RESUME_KINDS: readonly ResumeKind[] = [
  'current',
  'behind',
  'delta',
  'initial',
  'evicted',
  'fork',
  'epoch',
  'cheaper',
];

/** Creates a hub without streams. Its timers keep no process alive. */
export function createHub(options: HubOptions = DEFAULT_HUB_OPTIONS): Hub {
  const streams = new Set<Stream>();
  const byId = new Map<string, Stream>();
  const slots = Array.from({ length: SLOTS }, () => new Set<Stream>());
  let opened = 0;
  let turn = 0;
  let farewell: Buffer | undefined;
  let published = 0;
  /** A fan-out runs or is about to. */
  let isActive = false;
  let lastFanOut = -Infinity;
  /** When the first commit that no fan-out has begun to serve was published. */
  let waitingSince: number | undefined;
  // Plain numbers: they are written at each delivery and read once a scrape.
  const openStreams: Record<ViewName, number> = { server: 0, client: 0 };
  const bytesWritten: Record<ViewName, number> = { server: 0, client: 0 };
  const resumes = new Map<ResumeKind, number>(RESUME_KINDS.map((kind) => [kind, 0]));

  const write = (stream: Stream, bytes: Buffer): void => {
    bytesWritten[stream.feed.name] += bytes.length;
    stream.outlet.write(bytes);
  };

  // State and not a log: whatever a stream was sent last, one step leads to the head. A commit in the middle of a fan-out,
  // a subscription in the middle of a commit and a slow reader are then all the same case.
  const catchUp = (stream: Stream): void => {
    stream.late = stream.outlet.unsent > MAX_UNSENT;
    if (!stream.late) step(stream);
  };

  const step = (stream: Stream): FeedAnswer => {
    const answer = stream.feed.answer(stream.position);
    if (answer.kind === 'message') {
      stream.position = answer.message.position;
      write(stream, frameOf(answer.message));
    }
    return answer;
  };

  const runFanOut = async (): Promise<void> => {
    const served = published;
    const since = waitingSince;
    waitingSince = undefined;
    let left = SLICE;
    // A set's iterator stands removals and additions on the way.
    for (const stream of streams) {
      catchUp(stream);
      left -= stream.feed.weight ?? 1;
      if (left > 0) continue;
      left = SLICE;
      await nextTurn();
    }
    lastFanOut = performance.now();
    if (since !== undefined) options.onFanOut?.(lastFanOut - since);
    isActive = false;
    if (published !== served) schedule();
  };

  const schedule = (): void => {
    isActive = true;
    const wait = lastFanOut + MERGE_MS - performance.now();
    if (wait > 0) setTimeout(() => void runFanOut(), wait).unref();
    else setImmediate(() => void runFanOut());
  };

  const heartbeats = new Map<Feed, Buffer>();
  const beat = (): void => {
    turn = (turn + 1) % SLOTS;
    heartbeats.clear();
    for (const stream of slots[turn] ?? []) {
      catchUp(stream);
      if (stream.late) continue;
      let bytes = heartbeats.get(stream.feed);
      if (bytes === undefined) {
        bytes = frameOf(heartbeat(stream.feed));
        heartbeats.set(stream.feed, bytes);
      }
      write(stream, bytes);
    }
    for (const stream of slots[(turn + SLOTS / 2) % SLOTS] ?? []) if (!stream.late) write(stream, COMMENT);
  };
  const timer = setInterval(beat, options.heartbeatMs / SLOTS).unref();

  return {
    get size() {
      return streams.size;
    },
    counts: {
      open: openStreams,
      bytes: bytesWritten,
      resumes,
      get late() {
        let late = 0;
        for (const stream of streams) if (stream.late) late += 1;
        return late;
      },
    },
    open: (outlet, feed, held) => {
      if (farewell !== undefined) {
        outlet.write(farewell);
        outlet.end();
        return;
      }
      const stream: Stream = { outlet, feed, position: held, acked: feed.position, late: false };
      const id = randomBytes(12).toString('base64url');
      const slot = slots[opened % SLOTS];
      opened += 1;
      streams.add(stream);
      byId.set(id, stream);
      slot?.add(stream);
      openStreams[feed.name] += 1;
      outlet.onDrain(() => {
        if (stream.late) catchUp(stream);
      });
      outlet.onClose(() => {
        streams.delete(stream);
        byId.delete(id);
        slot?.delete(stream);
        openStreams[feed.name] -= 1;
      });
      const kind = resumeKind(step(stream), held);
      resumes.set(kind, (resumes.get(kind) ?? 0) + 1);
      // Right after the first event: some proxies hold an event back until the next one comes.
      const ack = options.acks === true ? { ack: true } : {};
      write(stream, frameOf({ ...heartbeat(feed), stream: id, intervalMs: options.heartbeatMs, ...ack }));
    },
    ack: (id, position) => {
      const stream = byId.get(id);
      if (stream === undefined) return 'unknown';
      if (comparePositions(position, stream.acked) <= 0) return 'repeated';
      if (stream.position === undefined || comparePositions(position, stream.position) > 0) return 'ahead';
      stream.acked = position;
      return 'applied';
    },
    publish: () => {
      published += 1;
      waitingSince ??= performance.now();
      if (!isActive) schedule();
    },
    drain: async (windowMs) => {
      clearInterval(timer);
      const goodbye: Goodbye = { type: 'GOODBYE', reason: 'drain', windowMs, retry: true };
      farewell = frameOf(goodbye);
      const leaving = [...streams];
      // Nothing may be written behind a goodbye.
      streams.clear();
      for (const slot of slots) slot.clear();
      let left = SLICE;
      for (const stream of leaving) {
        write(stream, farewell);
        stream.outlet.end();
        left -= 1;
        if (left > 0) continue;
        left = SLICE;
        await nextTurn();
      }
    },
  };
}

function heartbeat(feed: Feed): Heartbeat {
  return { type: 'HEARTBEAT', position: feed.position, time: Date.now() };
}
