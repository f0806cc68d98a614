import type { ResponseHead, Transport, TransportRequest } from '../client/ports.ts';

/** A server under the suite's control, listening where the transport can reach it. */
export interface SuiteServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** One request as the suite's server sees it. */
export interface SuiteExchange {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly respond: (status: number, headers: Readonly<Record<string, string>>) => void;
  readonly write: (text: string) => void;
  readonly end: () => void;
  /** Cuts the connection without ending the response. */
  readonly cut: () => void;
  /** Resolves when the client is gone. */
  readonly gone: Promise<void>;
}

/** What a transport's suite needs. `test` is a test runner's function. */
export interface TransportSuite {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly createTransport: () => Transport;
  readonly serve: (handle: (exchange: SuiteExchange) => void) => Promise<SuiteServer>;
}

/** What came of one request. */
interface Exchange {
  readonly head: ResponseHead | undefined;
  readonly body: string;
  readonly problem: string | undefined;
}

interface Decoder {
  decode(bytes: Uint8Array, options: { stream: boolean }): string;
}

declare const TextDecoder: new () => Decoder;

/** The promises of the `Transport` port. Every transport's tests call this with its own factory. */
export function describeTransport({ test, createTransport, serve }: TransportSuite): void {
  const run = (request: TransportRequest, onBytes: () => void = () => {}): Promise<Exchange> =>
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
    });

  const withServer = async (
    handle: (exchange: SuiteExchange) => void,
    body: (url: string) => Promise<void>,
  ): Promise<void> => {
    const server = await serve(handle);
    try {
      await body(server.url);
    } finally {
      await server.close();
    }
  };

  test('gives status, content type, retry-after and the whole body', () =>
    withServer(
      ({ respond, write, end }) => {
        respond(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '7' });
        write('one ');
        write('twö');
        end();
      },
      async (url) => {
        const { head, body, problem } = await run({ url: `${url}/v1/stream`, headers: {} });
        expectEqual(head?.status, 503);
        expectEqual(head?.contentType, 'text/plain; charset=utf-8');
        expectEqual(head?.retryAfter, '7');
        expectEqual(body, 'one twö');
        expectEqual(problem, undefined);
      },
    ));

  test('sends the headers and the path as they are', () =>
    withServer(
      ({ path, headers, respond, write, end }) => {
        respond(200, { 'content-type': 'text/plain' });
        write(`${path} ${headers['authorization']} ${headers['last-event-id']} ${headers['accept']}`);
        end();
      },
      async (url) => {
        const headers = { authorization: 'Bearer k', 'last-event-id': 'e.1.00000000', accept: 'text/event-stream' };
        const { body } = await run({ url: `${url}/p/v1/snapshot?since=e.1.00000000`, headers });
        expectEqual(body, '/p/v1/snapshot?since=e.1.00000000 Bearer k e.1.00000000 text/event-stream');
      },
    ));

  test('gives bytes as they come, before the response ends', () =>
    withServer(
      ({ respond, write }) => {
        respond(200, { 'content-type': 'text/event-stream' });
        write('a');
      },
      async (url) => {
        const transport = createTransport();
        await new Promise<void>((resolve) => {
          const connection = transport.open(
            { url, headers: {} },
            {
              response: () => {},
              bytes: () => {
                connection.close();
                resolve();
              },
              end: () => {},
            },
          );
        });
      },
    ));

  test('says that a connection was cut', async () => {
    let cut: () => void = () => {};
    await withServer(
      (exchange) => {
        ({ cut } = exchange);
        exchange.respond(200, { 'content-type': 'text/event-stream' });
        exchange.write('a');
      },
      async (url) => {
        const { body, problem } = await run({ url, headers: {} }, () => cut());
        expectEqual(body, 'a');
        expectEqual(typeof problem, 'string');
      },
    );
  });

  test('says that nobody listens, without the key', async () => {
    const server = await serve(() => {});
    await server.close();
    const { head, problem } = await run({ url: server.url, headers: { authorization: 'Bearer secret-key' } });
    expectEqual(head, undefined);
    expectEqual(typeof problem, 'string');
    expectEqual(problem?.includes('secret-key'), false);
  });

  test('closing frees the connection, and nothing is heard after it', async () => {
    let seen: SuiteExchange | undefined;
    await withServer(
      (exchange) => {
        seen = exchange;
        exchange.respond(200, { 'content-type': 'text/event-stream' });
        exchange.write('a');
      },
      async (url) => {
        const heard: string[] = [];
        const transport = createTransport();
        await new Promise<void>((resolve) => {
          const connection = transport.open(
            { url, headers: {} },
            {
              response: () => heard.push('response'),
              bytes: () => {
                heard.push('bytes');
                connection.close();
                connection.close();
                resolve();
              },
              end: () => heard.push('end'),
            },
          );
        });
        await seen?.gone;
        expectEqual(heard.join(), 'response,bytes');
      },
    );
  });
}

function expectEqual(actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected))
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
