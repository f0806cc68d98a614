import type { Connection, Transport } from '@flags/sync';
import type { PageLife } from './page-life.ts';
import { isStream, resumeStream } from './resumed-stream.ts';

/**
 * A transport whose stream ends while the page sleeps, so that the page costs nothing and can be kept whole by the browser, and goes
 * on from where the client stands when it wakes.
 */
export function createWakingTransport(inner: Transport, life: PageLife, position: () => string | undefined): Transport {
  return {
    open: (request, receiver) => {
      if (!isStream(request)) return inner.open(request, receiver);
      const stream = resumeStream(request, receiver, position);
      let connection: Connection | undefined;
      let isOver = false;
      const start = (): void => {
        if (isOver || connection !== undefined || life.isAsleep()) return;
        const opened = inner.open(stream.request(), stream.receiver(close));
        if (isOver) opened.close();
        else connection = opened;
      };
      const pause = (): void => {
        connection?.close();
        connection = undefined;
      };
      const stops = [life.onSleep(pause), life.onWake(start)];
      const close = (): void => {
        isOver = true;
        for (const stop of stops) stop();
        pause();
      };
      start();
      return { close };
    },
  };
}
