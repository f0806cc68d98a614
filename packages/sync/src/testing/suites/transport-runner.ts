import type { ResponseHead, TransportRequest } from '@flags/sync';
import type { SuiteExchange, TransportSuite } from './exchange.ts';

/** What came of one request. */
interface Outcome {
  readonly head: ResponseHead | undefined;
  readonly body: string;
  readonly problem: string | undefined;
}

/** Makes single requests for a suite. */
export interface Runner {
  /** Makes a request to its end. */
  readonly run: (request: TransportRequest, onBytes?: () => void) => Promise<Outcome>;
  /** Runs a test against a server, and closes it. */
  readonly withServer: (
    handle: (exchange: SuiteExchange) => void,
    body: (url: string) => Promise<void>,
  ) => Promise<void>;
}

interface Decoder {
  decode(bytes: Uint8Array, options: { stream: boolean }): string;
}

declare const TextDecoder: new () => Decoder;

/** Prepares requests over a suite's transport, to servers of its kind. */
export function createRunner(
  createTransport: TransportSuite['createTransport'],
  serve: TransportSuite['serve'],
): Runner {
  return {
    run: (request, onBytes = () => {}) =>
      new Promise((resolve) => {
        const decoder = new TextDecoder();
        let head: ResponseHead | undefined;
        let body = '';
        createTransport().open(request, {
          response: (response) => {
            head = response;
          },
          bytes: (chunk) => {
            body += decoder.decode(chunk, { stream: true });
            onBytes();
          },
          end: (problem) => resolve({ head, body, problem }),
        });
      }),
    withServer: async (handle, body) => {
      const server = await serve(handle);
      try {
        await body(server.url);
      } finally {
        await server.close();
      }
    },
  };
}
