import type { TransportReceiver, TransportRequest } from '@flags/sync';

/** One stream for the client, made of several requests one after the other. */
export interface ResumedStream {
  /** The next request: as the client made it at first, then from where the client stands. */
  request(): TransportRequest;
  /** Who hears of it. The client hears of the first response only; before it hears of an end, `over` is told of its problem. */
  receiver(over: (problem: string | undefined) => void): TransportReceiver;
}

/** Whether a request is for the stream; others are over soon. */
export function isStream({ headers }: TransportRequest): boolean {
  return headers['accept'] === 'text/event-stream';
}

/**
 * Keeps a stream going for a client that is not to notice.
 *
 * @param position Where the client stands: `epoch.version.hash`.
 */
export function resumeStream(
  first: TransportRequest,
  receiver: TransportReceiver,
  position: () => string | undefined,
): ResumedStream {
  let isFirst = true;
  let hasHead = false;
  return {
    request: () => {
      const held = isFirst ? undefined : position();
      isFirst = false;
      return held === undefined ? first : { ...first, headers: { ...first.headers, 'last-event-id': held } };
    },
    receiver: (over) => {
      let isOver = false;
      const end = (problem?: string): void => {
        if (isOver) return;
        isOver = true;
        over(problem);
        receiver.end(problem);
      };
      return {
        response: (head) => {
          if (hasHead && head.status !== 200) return end(`status ${head.status}`);
          if (!hasHead) receiver.response(head);
          hasHead = true;
          return undefined;
        },
        bytes: (chunk) => {
          if (!isOver) receiver.bytes(chunk);
        },
        end,
      };
    },
  };
}
