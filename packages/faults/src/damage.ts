import { Buffer } from 'node:buffer';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** What happens to the bytes on their way from a server to its clients. */
export type Damage =
  | { readonly kind: 'pass' }
  /** Each piece comes so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** So many bytes a second come through; 0: none, and the server is kept waiting. */
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Pieces of so many bytes, each a packet of its own. */
  | { readonly kind: 'chunk'; readonly bytes: number }
  /** Sockets stay open and nothing comes through, in either direction; also on connections made meanwhile. */
  | { readonly kind: 'blackhole' }
  /** New connections are reset. */
  | { readonly kind: 'refuse' }
  /** Nothing comes through until so many bytes have gathered. */
  | { readonly kind: 'buffer'; readonly bytes: number }
  /** The head of a response passes; an event passes when the next one has come, as virus scanners do it. */
  | { readonly kind: 'hold' }
  /** The next so many events that match are left out. */
  | { readonly kind: 'drop'; readonly pattern: RegExp; times: number }
  /** A text is replaced by another of the same length, the next so many times. */
  | { readonly kind: 'corrupt'; readonly from: RegExp; readonly to: string; times: number };

const TICKS_PER_SECOND = 20;
const HEAD_END = '\r\n\r\n';

/** Does harm to the bytes of one direction of one connection. */
export interface Harm {
  /** What goes on of what has come, piece by piece. */
  push(chunk: Buffer): AsyncIterable<Buffer>;
  /** What was kept back, when no more will come. */
  rest(): Buffer;
}

/** Creates a harm that does what `damage` says at each moment; it stops waiting when `closing` aborts. */
export function createHarm(damage: () => Damage, closing: AbortSignal): Harm {
  // One character a byte.
  let kept = '';
  async function* push(chunk: Buffer): AsyncIterable<Buffer> {
    let text = kept + chunk.toString('latin1');
    kept = '';
    const now = damage();
    switch (now.kind) {
      case 'delay':
        await sleep(now.ms, undefined, { signal: closing });
        break;
      case 'throttle': {
        while (damage() === now && now.bytesPerSecond === 0) await sleep(20, undefined, { signal: closing });
        const size = Math.ceil(now.bytesPerSecond / TICKS_PER_SECOND);
        while (damage() === now && text.length > 0) {
          yield bytesOf(text.slice(0, size));
          text = text.slice(size);
          await sleep(1_000 / TICKS_PER_SECOND, undefined, { signal: closing });
        }
        break;
      }
      case 'chunk':
        for (; text.length > now.bytes; text = text.slice(now.bytes)) {
          yield bytesOf(text.slice(0, now.bytes));
          await nextTurn();
        }
        break;
      case 'buffer':
        if (text.length < now.bytes) [text, kept] = ['', text];
        break;
      case 'hold': {
        const last = text.lastIndexOf('\n\n', text.length - 3);
        const end = last < 0 ? text.indexOf(HEAD_END) + HEAD_END.length : last + 2;
        [text, kept] = [text.slice(0, end), text.slice(end)];
        break;
      }
      case 'drop': {
        // What follows the last blank line is not whole yet.
        const [events, rest] = splitEvents(text);
        kept = rest;
        text = events.filter((event) => !(now.times > 0 && now.pattern.test(event) && now.times--)).join('');
        break;
      }
      case 'corrupt': {
        const [events, rest] = splitEvents(text);
        kept = rest;
        text = events
          .map((event) =>
            now.times > 0 && now.from.test(event) && now.times-- ? event.replace(now.from, now.to) : event,
          )
          .join('');
        break;
      }
      default:
    }
    if (text.length > 0) yield bytesOf(text);
  }
  return { push, rest: () => bytesOf(kept) };
}

/** The events that are whole, each with its end (the first with the response's head), and what follows them. */
function splitEvents(text: string): readonly [events: readonly string[], rest: string] {
  const parts = text.split(/(?<=\n\n|\r\n\r\n)/);
  const rest = /\n\n$|\r\n\r\n$/.test(text) ? '' : (parts.pop() ?? '');
  return [parts, rest];
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
