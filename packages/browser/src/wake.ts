import type { Connection, Transport } from '@flags/sync';
import type { PageLife } from './page-life.ts';
import { isStream } from './resumed-stream.ts';

/**
 * A transport whose stream is given up, without a word, when the page falls asleep: it costs nothing, and can be kept whole by the
 * browser. The client asks for another, from where it stands, when the page wakes.
 */
export function createWakingTransport(inner: Transport, life: PageLife): Transport {
  return {
    open: (request, receiver) => {
      if (!isStream(request)) return inner.open(request, receiver);
      let connection: Connection | undefined;
      const close = (): void => {
        stop();
        connection?.close();
      };
      const stop = life.onSleep(close);
      const end = (problem?: string): void => {
        stop();
        receiver.end(problem);
      };
      if (!life.isAsleep()) connection = inner.open(request, { ...receiver, end });
      return { close };
    },
  };
}
