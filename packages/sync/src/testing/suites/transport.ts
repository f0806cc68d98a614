import { expectEqual } from './expect-equal.ts';
import { describeTransportBodies } from './transport-bodies.ts';
import type { SuiteExchange, TransportSuite } from './exchange.ts';
import { describeRedirects } from './transport-redirects.ts';
import { createRunner } from './transport-runner.ts';

/** The promises of the `Transport` port. Every transport's tests call this with its own factory. */
export function describeTransport(suite: TransportSuite): void {
  const { test, createTransport, serve, seesDamage = true } = suite;
  const { run, withServer } = createRunner(createTransport, serve);

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

  test(
    seesDamage ? 'says that a connection was cut' : 'takes a connection that was cut for one that has ended',
    async () => {
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
          expectEqual(typeof problem, seesDamage ? 'string' : 'undefined');
        },
      );
    },
  );

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

  describeTransportBodies(suite);
  describeRedirects(suite);
}
