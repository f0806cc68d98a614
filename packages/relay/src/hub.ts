import type { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Goodbye, Heartbeat, Position } from '@flags/sync';
import { COMMENT, frameOf } from './frame.ts';
import type { View } from './view.ts';

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
  /** Adds a stream: what leads from `held` to the head at once, then a heartbeat, then every change. */
  open(outlet: Outlet, view: View, held: Position | undefined): void;
  /** Views have moved: brings every stream to the head. Calls within 10 ms of a fan-out are merged into the next one. */
  publish(): void;
  /** Tells every stream goodbye, closes it, and takes no more. Resolves when all is written. */
  drain(windowMs: number): Promise<void>;
}

/** The numbers of a hub. */
export interface HubOptions {
  /** Between heartbeats of a stream. Half-way between them goes a comment. */
  readonly heartbeatMs: number;
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
  readonly view: View;
  /** What was sent last, or what the client came with. */
  position: Position | undefined;
  /** Was passed over because of unsent bytes. */
  late: boolean;
}

/** Creates a hub without streams. Its timers keep no process alive. */
export function createHub(options: HubOptions = DEFAULT_HUB_OPTIONS): Hub {
  const streams = new Set<Stream>();
  const slots = Array.from({ length: SLOTS }, () => new Set<Stream>());
  let opened = 0;
  let turn = 0;
  let farewell: Buffer | undefined;
  let published = 0;
  /** A fan-out runs or is about to. */
  let isActive = false;
  let lastFanOut = -Infinity;

  // State and not a log: whatever a stream was sent last, one step leads to the head. A commit in the middle of a fan-out,
  // a subscription in the middle of a commit and a slow reader are then all the same case.
  const catchUp = (stream: Stream): void => {
    if (stream.outlet.unsent > MAX_UNSENT) {
      stream.late = true;
      return;
    }
    stream.late = false;
    const answer = stream.view.answer(stream.position);
    if (answer.kind !== 'message') return;
    stream.position = answer.message.position;
    stream.outlet.write(frameOf(answer.message));
  };

  const runFanOut = async (): Promise<void> => {
    const served = published;
    let left = SLICE;
    // A set's iterator stands removals and additions on the way.
    for (const stream of streams) {
      catchUp(stream);
      left -= 1;
      if (left > 0) continue;
      left = SLICE;
      await nextTurn();
    }
    lastFanOut = performance.now();
    isActive = false;
    if (published !== served) schedule();
  };

  const schedule = (): void => {
    isActive = true;
    const wait = lastFanOut + MERGE_MS - performance.now();
    if (wait > 0) setTimeout(() => void runFanOut(), wait).unref();
    else setImmediate(() => void runFanOut());
  };

  const heartbeats = new Map<View, Buffer>();
  const beat = (): void => {
    turn = (turn + 1) % SLOTS;
    heartbeats.clear();
    for (const stream of slots[turn] ?? []) {
      catchUp(stream);
      if (stream.late) continue;
      let bytes = heartbeats.get(stream.view);
      if (bytes === undefined) {
        bytes = frameOf(heartbeat(stream.view));
        heartbeats.set(stream.view, bytes);
      }
      stream.outlet.write(bytes);
    }
    for (const stream of slots[(turn + SLOTS / 2) % SLOTS] ?? []) if (!stream.late) stream.outlet.write(COMMENT);
  };
  const timer = setInterval(beat, options.heartbeatMs / SLOTS).unref();

  return {
    get size() {
      return streams.size;
    },
    open: (outlet, view, held) => {
      if (farewell !== undefined) {
        outlet.write(farewell);
        outlet.end();
        return;
      }
      const stream: Stream = { outlet, view, position: held, late: false };
      const slot = slots[opened % SLOTS];
      opened += 1;
      streams.add(stream);
      slot?.add(stream);
      outlet.onDrain(() => {
        if (stream.late) catchUp(stream);
      });
      outlet.onClose(() => {
        streams.delete(stream);
        slot?.delete(stream);
      });
      catchUp(stream);
      // Right after the first event: some proxies hold an event back until the next one comes.
      const id = randomBytes(12).toString('base64url');
      outlet.write(frameOf({ ...heartbeat(view), stream: id, intervalMs: options.heartbeatMs }));
    },
    publish: () => {
      published += 1;
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
      for (const { outlet } of leaving) {
        outlet.write(farewell);
        outlet.end();
        left -= 1;
        if (left > 0) continue;
        left = SLICE;
        await nextTurn();
      }
    },
  };
}

function heartbeat(view: View): Heartbeat {
  return { type: 'HEARTBEAT', position: view.position, time: Date.now() };
}
