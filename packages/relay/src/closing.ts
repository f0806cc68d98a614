import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { BareSockets } from './bare-sockets.ts';

/** Requests that are being answered get so long, and so do readers to take the goodbye they were sent. */
const GRACE_MS = 2_000;
/** Between two looks for connections that have become idle. */
const LOOK_MS = 50;

/**
 * Stops listeners: nobody new is let in, and connections are closed as they become idle. What is left 2 s after `said` is cut:
 * a peer that reads nothing, or that never finishes its request, keeps no process from its end.
 *
 * @param said Ends when everything that has to be told to open connections is written.
 */
export async function closeListeners(
  apps: readonly FastifyInstance[],
  sockets: BareSockets,
  said: Promise<void>,
): Promise<void> {
  let isClosed = false;
  const closed = Promise.all(apps.map((app) => app.close())).finally(() => {
    isClosed = true;
  });
  // A connection that was busy when the listener closed becomes idle later, and Node would keep it for as long as any other.
  const tidy = async (): Promise<void> => {
    sockets.closeSilent();
    await said;
    for (let left = GRACE_MS; left > 0 && !isClosed; left -= LOOK_MS) {
      for (const { server } of apps) server.closeIdleConnections();
      await sleep(LOOK_MS);
    }
    if (isClosed) return;
    sockets.closeAll();
    for (const { server } of apps) server.closeAllConnections();
  };
  await Promise.all([closed, tidy()]);
}
