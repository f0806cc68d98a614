import type { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Goodbye, Heartbeat, Position } from '@flags/sync';
import { comparePositions, isSamePosition } from '@flags/sync';
import type { Feed, FeedAnswer } from '../feed.ts';
import { resumeKind } from '../feed.ts';
import { COMMENT, frameOf } from '../frame.ts';
import { createBacklog } from './backlog.ts';
import type { Entrant, NoRoom } from './capacity.ts';
import { createCapacity, returnWindowMs } from './capacity.ts';
import type { CutReason, GoodbyeReason, HubCounts } from './counts.ts';
import { countOne, createCounts } from './counts.ts';
import { createFanOut, inSlices } from './fan-out.ts';
import type { HubOptions } from './options.ts';
import { DEFAULT_HUB_OPTIONS } from './options.ts';
import type { Outlet, Stream } from './stream.ts';
import { createWheel } from './wheel.ts';

/** Every live stream of this process, and the fan-out to them. */
export interface Hub {
  /** How many streams are open. */
  readonly size: number;
  /** How many of them are passed over until they drain. */
  readonly late: number;
  /** Bytes handed over that the network has not taken yet, over all streams; what many wait for counts for each. */
  readonly unsent: number;
  readonly counts: HubCounts;
  /** Why one more stream cannot be taken; `undefined` when it can. Ask before `open`. */
  noRoom(entrant: Entrant): NoRoom | undefined;
  /** Adds a stream: what leads from `held` to the head at once, then a heartbeat, then every change. */
  open(outlet: Outlet, feed: Feed, opening: Opening): void;
  /** Views have moved: brings every stream to the head. Calls within 10 ms of a fan-out are merged into the next one. */
  publish(): void;
  /** A stream says that it has applied a position. */
  ack(id: string, position: Position): AckResult;
  /** A key is not valid any more: its streams are told goodbye, and get nothing after it. */
  endKey(keyId: string): void;
  /** Tells every stream goodbye, closes it, and takes no more. Resolves when all is written. */
  drain(): Promise<void>;
}

/** What a client opens a stream with. */
export interface Opening {
  readonly keyId: string;
  readonly held: Position | undefined;
  /** It is told goodbye at its next heartbeat from then on, epoch milliseconds; when it has become old if absent. */
  readonly until?: number;
}

/**
 * What an acknowledgement says: `applied`, something sent on this stream after it was opened · `repeated`, what it had before ·
 * `drifted`, the version that was sent last with another content · `ahead`, what it cannot have · `unknown`, the stream is not here.
 */
export type AckResult = 'applied' | 'repeated' | 'drifted' | 'ahead' | 'unknown';

/** With more than this unsent nothing is written to a stream; once it drains it gets one net change. */
const MAX_UNSENT = 64 * 1024;
/** Clients acknowledge at every second heartbeat. Three that do not come, and time for one on its way, say that nobody is there. */
const SILENT_HEARTBEATS = 6;
const SILENT_SLACK_MS = 10_000;
/** A client that is alone on its way back may be quick. */
const ROTATE: Goodbye = { type: 'GOODBYE', reason: 'rotate', windowMs: 1_000, retry: true };

/** Creates a hub without streams. Its timers keep no process alive. */
export function createHub(given: Partial<HubOptions> = {}): Hub {
  const options: HubOptions = { ...DEFAULT_HUB_OPTIONS, ...given };
  const streams = new Map<string, Stream>();
  const counts = createCounts();
  const capacity = createCapacity(options);
  const silentMs = SILENT_HEARTBEATS * options.heartbeatMs + SILENT_SLACK_MS;
  let farewell: Goodbye | undefined;

  /** What the hub does for a stream ends here; its connection may have a last thing to send. */
  const remove = (stream: Stream): void => {
    if (stream.isOver) return;
    stream.isOver = true;
    streams.delete(stream.id);
    wheel.delete(stream.slot, stream);
    capacity.leave(stream.keyId, stream.feed.name);
    counts.open[stream.feed.name] -= 1;
    counts.carrying[stream.feed.kind ?? 'rules'] -= 1;
  };
  const cut = (stream: Stream, reason: CutReason): void => {
    remove(stream);
    backlog.delete(stream);
    countOne(counts.cuts, reason);
    stream.outlet.destroy();
  };
  const closed = (stream: Stream): void => {
    stream.isClosed = true;
    remove(stream);
    backlog.delete(stream);
    stream.feed.close?.();
  };
  const backlog = createBacklog({ stallMs: options.stallMs, maxBytes: options.maxBacklogBytes }, cut);

  const write = (stream: Stream, bytes: Buffer): void => {
    const { outlet } = stream;
    counts.bytes[stream.feed.name] += bytes.length;
    outlet.write(bytes);
    if (stream.isLate || outlet.unsent <= MAX_UNSENT) return;
    stream.isLate = true;
    backlog.add(stream, bytes);
    outlet.onceDrained(() => {
      // Who has been told goodbye stays until the connection is closed.
      if (stream.isOver) return;
      backlog.delete(stream);
      stream.isLate = false;
      catchUp(stream);
    });
  };

  const say = (stream: Stream, goodbye: Goodbye, reason: GoodbyeReason): void => {
    remove(stream);
    if (stream.isClosed) return;
    countOne(counts.goodbyes, reason);
    const bytes = frameOf(goodbye);
    write(stream, bytes);
    // Whoever does not read it keeps no connection open.
    if (!stream.isLate) backlog.add(stream, bytes);
    stream.outlet.end();
  };
  const revoked = (stream: Stream, window: number): void => {
    // It may come back at once: it is turned away with the status that makes a client look for a new key.
    say(stream, { type: 'GOODBYE', reason: 'revoked', windowMs: window, retry: true }, 'revoked');
  };

  const step = (stream: Stream): FeedAnswer => {
    const answer = stream.feed.answer(stream.position);
    if (answer.kind === 'message') {
      stream.position = answer.message.position;
      write(stream, frameOf(answer.message));
    }
    return answer;
  };
  // State and not a log: whatever a stream was sent last, one step leads to the head. A commit in the middle of a fan-out,
  // a subscription in the middle of a commit and a slow reader are then all the same case.
  const catchUp = (stream: Stream): void => {
    if (stream.isOver) return;
    // A key may expire without anyone telling the hub; what is known when something is written counts.
    if (!options.isAllowed(stream.keyId)) revoked(stream, ROTATE.windowMs);
    else if (!stream.isLate) step(stream);
  };

  const beat = (slot: ReadonlySet<Stream>): void => {
    const now = performance.now();
    const heartbeats = new Map<Feed, Buffer>();
    for (const stream of slot) {
      if (stream.ackedAt !== undefined && now - stream.ackedAt > silentMs) cut(stream, 'silent');
      else if (now >= stream.rotateAt) say(stream, ROTATE, 'rotate');
      else catchUp(stream);
      if (stream.isOver || stream.isLate) continue;
      let bytes = heartbeats.get(stream.feed);
      if (bytes === undefined) {
        bytes = frameOf(heartbeat(stream.feed));
        heartbeats.set(stream.feed, bytes);
      }
      write(stream, bytes);
    }
  };
  const wheel = createWheel<Stream>({
    heartbeatMs: options.heartbeatMs,
    onBeat: beat,
    onQuiet: (slot) => {
      for (const stream of slot) if (!stream.isLate) write(stream, COMMENT);
    },
  });

  const publish = createFanOut<Stream>({
    all: () => streams.values(),
    visit: (stream) => {
      catchUp(stream);
      return stream.feed.weight ?? 1;
    },
    onDone: options.onFanOut,
  });

  return {
    get size() {
      return streams.size;
    },
    get late() {
      let late = 0;
      for (const stream of streams.values()) if (stream.isLate) late += 1;
      return late;
    },
    get unsent() {
      let unsent = 0;
      for (const stream of streams.values()) unsent += stream.outlet.unsent;
      return unsent;
    },
    counts,
    noRoom: (entrant) => capacity.noRoom(entrant),
    open: (outlet, feed, { keyId, held, until = Infinity }) => {
      const { position: head } = feed;
      const age = options.maxStreamAgeMs * (0.8 + 0.2 * options.random());
      const stream: Stream = {
        id: randomBytes(12).toString('base64url'),
        outlet,
        feed,
        keyId,
        slot: wheel.emptiest(),
        rotateAt: performance.now() + Math.min(age, until - Date.now()),
        // One object for all that stand there, and nothing of the text that it came in.
        position: held !== undefined && isSamePosition(held, head) ? head : held,
        acked: head,
        ackedAt: undefined,
        isLate: false,
        isOver: false,
        isClosed: false,
      };
      streams.set(stream.id, stream);
      wheel.add(stream.slot, stream);
      capacity.enter(keyId, feed.name);
      counts.open[feed.name] += 1;
      counts.carrying[feed.kind ?? 'rules'] += 1;
      outlet.onClose(closed, stream);
      if (farewell !== undefined) return say(stream, farewell, 'drain');
      countOne(counts.resumes, resumeKind(step(stream), held));
      // Right after the first event: some proxies hold an event back until the next one comes.
      const ack = options.acks ? { ack: true } : {};
      const hello = { ...heartbeat(feed), stream: stream.id, intervalMs: options.heartbeatMs, ...ack };
      write(stream, frameOf(hello));
    },
    ack: (id, position) => {
      const stream = streams.get(id);
      if (stream === undefined) return 'unknown';
      stream.ackedAt = performance.now();
      const { position: sent } = stream;
      if (sent !== undefined && comparePositions(position, sent) === 0 && position.hash !== sent.hash) return 'drifted';
      if (comparePositions(position, stream.acked) <= 0) return 'repeated';
      if (sent === undefined || comparePositions(position, sent) > 0) return 'ahead';
      stream.acked = isSamePosition(position, sent) ? sent : position;
      return 'applied';
    },
    publish,
    endKey: (keyId) => {
      const ended = [...streams.values()].filter((stream) => stream.keyId === keyId);
      for (const stream of ended) revoked(stream, returnWindowMs(ended.length));
    },
    drain: async () => {
      wheel.stop();
      const goodbye: Goodbye = {
        type: 'GOODBYE',
        reason: 'drain',
        windowMs: returnWindowMs(streams.size),
        retry: true,
      };
      farewell = goodbye;
      const leaving = [...streams.values()];
      // Nothing more is written to those whose goodbye has yet to be.
      for (const stream of leaving) remove(stream);
      await inSlices(leaving, (stream) => {
        say(stream, goodbye, 'drain');
        return 1;
      });
    },
  };
}

function heartbeat(feed: Feed): Heartbeat {
  return { type: 'HEARTBEAT', position: feed.position, time: Date.now() };
}
