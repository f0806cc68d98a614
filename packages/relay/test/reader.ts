import type { Message } from '@flags/sync';
import { parseMessage } from '@flags/sync';

/** One event of a stream, as it came. */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly message: Message;
}

/** A stream that is read with nothing but `fetch`. */
export interface StreamReader {
  readonly response: Response;
  /** The next event; fails when the stream ends before. Comments are passed over and counted. */
  next(): Promise<StreamEvent>;
  /** The next event that is no heartbeat. */
  change(): Promise<StreamEvent>;
  /** Whether the server has closed the stream, with nothing more on it. */
  ended(): Promise<boolean>;
  readonly comments: number;
  close(): void;
}

/** Opens a stream and reads its head; with a body by POST. */
export async function openStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<StreamReader> {
  const controller = new AbortController();
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    signal: controller.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let comments = 0;
  const block = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        if (!found.startsWith(':')) return found;
        comments += 1;
        continue;
      }
      const piece = await reader?.read();
      if (piece === undefined || piece.done) return undefined;
      text += piece.value;
    }
  };
  const next = async (): Promise<StreamEvent> => {
    const found = await block();
    if (found === undefined) throw new Error('the stream ended');
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(found)?.[1];
    const parsed = parseMessage(field('event') ?? '', field('data') ?? '');
    if (parsed.kind !== 'message') throw new Error(`not a message: ${found}`);
    return { id: field('id'), message: parsed.message };
  };
  return {
    response,
    next,
    change: async () => {
      for (;;) {
        const event = await next();
        if (event.message.type !== 'HEARTBEAT') return event;
      }
    },
    ended: async () => (await block()) === undefined,
    get comments() {
      return comments;
    },
    close: () => controller.abort(),
  };
}
