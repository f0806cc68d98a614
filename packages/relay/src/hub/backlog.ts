import type { Buffer } from 'node:buffer';
import type { CutReason } from './counts.ts';
import type { Stream } from './stream.ts';

/** What waiting readers may cost. */
export interface BacklogLimits {
  /** A reader has this long to take what it was sent, for each MiB begun. */
  readonly stallMs: number;
  /** Memory that may wait for readers, over all streams. */
  readonly maxBytes: number;
}

/** Streams whose reader has yet to take what it was sent. */
export interface Backlog {
  readonly size: number;
  /** A stream waits for its reader; `frame` is what was written last. */
  add(stream: Stream, frame: Buffer): void;
  /** It waits no more. */
  delete(stream: Stream): void;
}

interface Waiting {
  /** Others wait for the very same bytes; they are held once. */
  readonly frame: Buffer;
  /** What waits beside the frame. */
  readonly own: number;
  readonly deadline: number;
}

const MIB = 1_048_576;

/**
 * Creates a backlog that cuts who is in it for too long, and the worst first when all together hold too much.
 *
 * A fixed bound on a stream's unsent bytes would cut every healthy reader of a full sync above it, and beyond one frame a
 * stream never grows, since nothing is written to it while it waits. So the bound is one on time, and longer for more bytes:
 * 15 s for each MiB asks for no more than 70 kB a second.
 */
export function createBacklog(limits: BacklogLimits, cut: (stream: Stream, reason: CutReason) => void): Backlog {
  const waiting = new Map<Stream, Waiting>();
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    if (waiting.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    const now = performance.now();
    for (const [stream, { deadline }] of waiting) if (now >= deadline) cut(stream, 'stalled');
    let bytes = 0;
    const holders = new Map<Buffer, number>();
    for (const { frame, own } of waiting.values()) {
      const held = holders.get(frame) ?? 0;
      bytes += own + (held === 0 ? frame.length : 0);
      holders.set(frame, held + 1);
    }
    if (bytes <= limits.maxBytes) return;
    const worstFirst = [...waiting].sort(([, a], [, b]) => b.own + b.frame.length - (a.own + a.frame.length));
    for (const [stream, { frame, own }] of worstFirst) {
      if (bytes <= limits.maxBytes) return;
      const held = holders.get(frame) ?? 1;
      bytes -= own + (held === 1 ? frame.length : 0);
      holders.set(frame, held - 1);
      cut(stream, 'memory');
    }
  };
  return {
    get size() {
      return waiting.size;
    },
    add: (stream, frame) => {
      const { unsent } = stream.outlet;
      const deadline = performance.now() + limits.stallMs * Math.max(1, Math.ceil(unsent / MIB));
      waiting.set(stream, { frame, own: Math.max(unsent - frame.length, 0), deadline });
      timer ??= setInterval(look, Math.min(1_000, limits.stallMs / 4)).unref();
    },
    delete: (stream) => void waiting.delete(stream),
  };
}
