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
  readonly problem: string | undefined;
  readonly again: boolean;
  readonly refused: boolean;
  readonly retryAfter: number | undefined;
}

const TIMEOUT = 5_000;
const LONGEST_WAIT = 60_000;

/**
 * Makes a way to post. What fails for a reason that may pass is posted once more: after the server's `Retry-After`, else
 * after 1 to 5 s, or at once when someone waits; with a new key where the last one was refused.
 */
export function createDelivery(settings: DeliverySettings): Deliver {
  const { clock, random } = settings;
  return async (path, body, hurry) => {
    const first = await post(settings, path, body, false);
    const { again, refused, retryAfter = 0 } = first;
    // Who waits does so for a moment, not for a server that asks for time.
    if (!again || retryAfter > (hurry() ? 0 : LONGEST_WAIT)) return first.problem;
    const wait = refused || hurry() ? 0 : Math.max(retryAfter, 1_000) + random() * 4_000;
    if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
    return (await post(settings, path, body, refused)).problem;
  };
}

function post(settings: DeliverySettings, path: string, body: string, refreshKey: boolean): Promise<Attempt> {
  const { url, keys, transport, clock } = settings;
  return new Promise((resolve) => {
    let connection: Connection | undefined;
    let isOver = false;
    const finish = (attempt: Partial<Attempt>): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      connection?.close();
      resolve({ problem: undefined, again: false, refused: false, retryAfter: undefined, ...attempt });
    };
    const cancel = clock.after(TIMEOUT, () => finish({ problem: 'no answer in time', again: true }));
    const send = (key: string): void => {
      if (isOver) return;
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const opened = transport.open(
        { url: url + path, headers, body },
        {
          response: ({ status, retryAfter }) => finish(judge(status, parseRetryAfter(retryAfter, clock.now()))),
          bytes: () => {},
          end: (problem) => finish({ problem: problem ?? 'no answer', again: true }),
        },
      );
      if (isOver) opened.close();
      else connection = opened;
    };
    keys.get(refreshKey, send, (problem) => finish({ problem }));
  });
}

function judge(status: number, retryAfter: number | undefined): Partial<Attempt> {
  if (status >= 200 && status < 300) return {};
  const problem = `status ${status}`;
  const refused = status === 401 || status === 403;
  const again = refused || status === 408 || status === 425 || status === 429 || status >= 500;
  return { problem, again, refused, retryAfter };
}
