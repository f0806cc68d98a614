import { parseRetryAfter } from '../machine/backoff.ts';
import type { KeySource } from './key-source.ts';
import type { Clock, Connection, Random, Transport } from './ports.ts';

/** What posting needs. */
export interface DeliverySettings {
  readonly url: string;
  readonly keys: KeySource;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}

/** Posts JSON to the relay. Answers `undefined` when it was taken, else why not, in a few words. Never rejects. */
export type Deliver = (path: string, body: string, hurry: () => boolean) => Promise<string | undefined>;

interface Attempt {
  /** Why it failed; it did not when this is absent. */
  readonly problem?: string;
  /** Whether it may go well another time. */
  readonly again?: boolean;
  readonly refused?: boolean;
  readonly retryAfter?: number | undefined;
}

const TIMEOUT = 5_000;
const LONGEST_WAIT = 60_000;

/**
 * Makes a way to post. What fails for a reason that may pass is posted once more: after the server's `Retry-After`, else
 * after 1 to 5 s, or at once when someone waits; with a new key where the last one was refused.
 */
export function createDelivery(settings: DeliverySettings): Deliver {
  const { url, keys, transport, clock, random } = settings;
  const post = (path: string, body: string, refreshKey: boolean): Promise<Attempt> =>
    new Promise((resolve) => {
      let connection: Connection | undefined;
      let isOver = false;
      const finish = (attempt: Attempt): void => {
        isOver = true;
        cancel();
        connection?.close();
        resolve(attempt);
      };
      const fail = (problem = 'no answer'): void => finish({ problem, again: true });
      const cancel = clock.after(TIMEOUT, () => fail('no answer in time'));
      const send = (key: string): void => {
        if (isOver) return;
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        const opened = transport.open(
          { url: url + path, headers, body },
          {
            response: ({ status, retryAfter }) => finish(judge(status, parseRetryAfter(retryAfter, clock.now()))),
            bytes: () => {},
            end: fail,
          },
        );
        if (isOver) opened.close();
        else connection = opened;
      };
      keys.get(refreshKey, send, (problem) => finish({ problem }));
    });
  return async (path, body, hurry) => {
    const first = await post(path, body, false);
    const { again, refused = false, retryAfter = 0 } = first;
    // Who waits does so for a moment, not for a server that asks for time.
    if (!again || retryAfter > (hurry() ? 0 : LONGEST_WAIT)) return first.problem;
    const wait = refused || hurry() ? 0 : Math.max(retryAfter, 1_000) + random() * 4_000;
    if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
    return (await post(path, body, refused)).problem;
  };
}

function judge(status: number, retryAfter: number | undefined): Attempt {
  if (status >= 200 && status < 300) return {};
  const refused = status === 401 || status === 403;
  const again = refused || [408, 425, 429].includes(status) || status >= 500;
  return { problem: `status ${status}`, again, refused, retryAfter };
}
