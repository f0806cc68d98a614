import type { ClientRequest } from 'node:http';

/** Watches over a request while its connection comes about. */
export type Connecting = (request: ClientRequest) => void;

// A script that has ended waits this long at most for a server that says nothing at all.
const FIRST_PATIENCE = 1_000;
// No stream waits longer for its first event.
const LONGEST_PATIENCE = 5_000;

/**
 * Lets the process end while sockets are open, and gives up connections that do not come about. An attempt to connect keeps
 * the process alive, whatever its socket was told, so the first one is short; on a slow network, each failure makes the next
 * one twice as patient.
 */
export function createConnecting(): Connecting {
  let patience = FIRST_PATIENCE;
  return (request) => {
    request.on('socket', (socket) => {
      socket.unref();
      socket.setNoDelay(true);
      if (!socket.connecting) return;
      const timer = setTimeout(() => {
        patience = Math.min(patience * 2, LONGEST_PATIENCE);
        request.destroy(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
      }, patience);
      timer.unref();
      const stop = (): void => clearTimeout(timer);
      socket.once('connect', stop);
      socket.once('close', stop);
    });
  };
}
