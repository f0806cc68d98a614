import { expectEqual } from './expect-equal.ts';
import type { SuiteExchange, TransportSuite } from './exchange.ts';
import { createRunner } from './transport-runner.ts';

const AUTHORIZATION = { authorization: 'Bearer suite-key' };

/** What a transport does where it is sent elsewhere. */
export function describeRedirects({ test, createTransport, serve, follows = 'everything' }: TransportSuite): void {
  const { run, withServer } = createRunner(createTransport, serve);
  const redirect = ({ respond, end }: SuiteExchange, status: number, location: string): void => {
    respond(status, { location });
    end();
  };
  const tell = ({ headers, respond, write, end }: SuiteExchange): void => {
    respond(200, { 'content-type': 'text/plain' });
    write(headers['authorization'] ?? 'no key');
    end();
  };

  if (follows === 'nothing') {
    test('hands redirects on, and follows none', () =>
      withServer(tell, (other) =>
        withServer(
          (exchange) => redirect(exchange, 307, exchange.path === '/near' ? '/b' : `${other}/b`),
          async (url) => {
            for (const path of ['/near', '/far']) {
              const { head, body } = await run({ url: url + path, headers: AUTHORIZATION });
              expectEqual(head?.status, 307);
              expectEqual(body, '');
            }
          },
        ),
      ));
  } else {
    test('follows a redirect within the origin, with the key', () =>
      withServer(
        (exchange) => (exchange.path === '/a' ? redirect(exchange, 308, '/b') : tell(exchange)),
        async (url) => expectEqual((await run({ url: `${url}/a`, headers: AUTHORIZATION })).body, 'Bearer suite-key'),
      ));

    test('leaves the key behind on the way to another origin', () =>
      withServer(tell, (other) =>
        withServer(
          (exchange) => redirect(exchange, 307, `${other}/b`),
          async (url) => expectEqual((await run({ url, headers: AUTHORIZATION })).body, 'no key'),
        ),
      ));
  }

  test('a redirect in circles, or to nowhere, is a problem', async () => {
    for (const location of ['/again', '', 'http://[', 'ftp://127.0.0.1/']) {
      let count = 0;
      await withServer(
        (exchange) => {
          count += 1;
          redirect(exchange, 302, location);
        },
        async (url) => {
          const { head, problem } = await run({ url: `${url}/again`, headers: AUTHORIZATION });
          // A transport that is not told where to goes may hand on the redirect itself: that is no rules either.
          expectEqual(typeof problem === 'string' || head?.status === 302, true);
          expectEqual(count < 25, true);
        },
      );
    }
  });

  test(`posts ${follows === 'everything' ? 'again within the origin, and never' : 'neither again nor'} to another`, () =>
    withServer(
      ({ body, respond, write, end }) =>
        void body.then((text) => {
          respond(200, {});
          write(text);
          end();
          return undefined;
        }),
      (other) =>
        withServer(
          (exchange) => {
            if (exchange.path === '/near') return redirect(exchange, 307, '/here');
            if (exchange.path === '/far') return redirect(exchange, 307, `${other}/there`);
            return void exchange.body.then((text) => {
              exchange.respond(200, {});
              exchange.write(`here: ${text}`);
              exchange.end();
              return undefined;
            });
          },
          async (url) => {
            const near = await run({ url: `${url}/near`, headers: {}, body: 'report' });
            expectEqual(near.body, follows === 'everything' ? 'here: report' : '');
            expectEqual((await run({ url: `${url}/far`, headers: {}, body: 'report' })).body.includes('report'), false);
          },
        ),
    ));
}
