import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { createEventStream, formatMessage, formatPosition, MAX_MESSAGE_LENGTH } from '@flags/sync';
import type { Message } from '@flags/sync';
import type { ScriptedRequest } from '@flags/sync/testing';
import { expect } from 'vitest';
import { createOrigin } from '../src/origin.ts';
import { startFaultProxy } from '../src/proxy.ts';
import { flagOf, rulesetOf, textFlag } from '../src/rules.ts';
import { startScriptedServer } from '../src/scripted-server.ts';
import { isStream, faultInFakeTime } from './fake-time.ts';
import { fault, FLAG } from './fault.ts';

const TEXT = 'grün 訂單 🛒 é';

fault('one byte at a time', 5_000, async (bench) => {
  const origin = createOrigin(rulesetOf(1, [textFlag(FLAG, 1, 'first')]));
  const server = bench.owns(await startScriptedServer(({ send }) => send(origin.fullSync(), origin.heartbeat())));
  const proxy = bench.owns(await startFaultProxy({ port: server.port }));
  proxy.damage({ kind: 'chunk', bytes: 1 });
  const flags = bench.client(proxy.url);
  await flags.ready();
  server.exchanges.at(-1)?.send(origin.commit({ [FLAG]: textFlag(FLAG, 2, TEXT) }));
  await bench.converged('the text of many bytes', () => flags.value(FLAG, '') === TEXT);
  expect(flags.status()).toMatchObject({ state: 'live', position: formatPosition(origin.position), drift: false });
});

const TERMINATORS = ['\n', '\r', '\r\n'] as const;

faultInFakeTime('line ends of every kind, cut anywhere', 1_000, ({ client, converged }) => {
  const check = (ends: readonly string[], sizes: readonly number[]): void => {
    const origin = createOrigin(rulesetOf(1, [textFlag(FLAG, 1, 'first')]));
    let line = 0;
    const say = (request: ScriptedRequest, message: Message): void => {
      let last = '';
      const text = formatMessage(message).replace(/\n/g, (_, at: number, whole: string) => {
        const end = ends[line++ % ends.length] ?? '\n';
        // With nothing between them, CR and LF are one line end.
        last = last === '\r' && end === '\n' && whole[at - 1] === '\n' ? '\r\n' : end;
        return last;
      });
      const bytes = Buffer.from(text);
      for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
        const size = sizes[piece % sizes.length] ?? 1;
        request.write(bytes.subarray(at, at + size));
        at += size;
      }
    };
    const { flags, transport } = client((request) => {
      request.respond();
      say(request, origin.fullSync());
    });
    const changes: unknown[] = [];
    flags.subscribe(FLAG, () => changes.push(flags.value(FLAG, '')));
    for (const text of ['a', TEXT])
      say(transport.last('stream'), origin.commit({ [FLAG]: textFlag(FLAG, origin.position.version + 1, text) }));
    // A CR may be half of a CRLF: the next byte tells.
    transport.last('stream').write(':\n');
    expect(changes).toEqual(['a', TEXT]);
    converged('both changes', () => flags.status().position === formatPosition(origin.position));
    void flags.close();
  };
  for (const ends of [...TERMINATORS.map((end) => [end]), TERMINATORS]) {
    for (const size of [1, 2, 3, 100_000]) check(ends, [size]);
  }
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...TERMINATORS), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      check,
    ),
    { numRuns: 50 },
  );
});

faultInFakeTime('odd but legal event streams', 15_000, ({ client, converged }) => {
  const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, false)]));
  const data = (message: Message): string => /^data: (.*)$/m.exec(formatMessage(message))?.[1] ?? '';
  const { flags, transport } = client((request) => {
    request.respond();
    request.write(`\uFEFF${formatMessage(origin.fullSync())}`);
  });
  expect(flags.value(FLAG, true)).toBe(false);
  let on = false;
  const odd: ((data: string) => string)[] = [
    (text) => `event:FLAG_UPDATE\ndata:${text}\n\n`,
    (text) => `data: ${text}\nevent: FLAG_UPDATE\n\n`,
    (text) => `event: NOISE\nevent: FLAG_UPDATE\ncolour: red\nid: a\0b\nretry: abc\ndata: ${text}\n\n`,
    (text) => `: a comment\n\n\n\ndata\nid\n\nevent: FLAG_UPDATE\ndata: ${text.replace(',', ',\ndata: ')}\n\n`,
    (text) => `event: SOMETHING_NEW\ndata: ${text}\n\nevent: FLAG_UPDATE\nid: ${'9'.repeat(400)}\ndata: ${text}\n\n`,
  ];
  for (const write of odd) {
    on = !on;
    transport
      .last('stream')
      .write(write(data(origin.commit({ [FLAG]: flagOf(FLAG, origin.position.version + 1, on) }))));
    expect(flags.value(FLAG, !on)).toBe(on);
  }
  // Wherever it resumes, it is from what it has applied, not from what an `id:` said.
  transport.last('stream').end();
  converged('the next stream', () => transport.requests.length === 2 && flags.status().state === 'live');
  expect(transport.last('stream').request.headers['last-event-id']).toBe(formatPosition(origin.position));
});

fault('an event that is cut off', 10_000, async (bench) => {
  const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, false)]));
  const before = formatPosition(origin.position);
  const server = bench.owns(await startScriptedServer(({ send }) => send(origin.fullSync(), origin.heartbeat())));
  const flags = bench.client(server.url);
  await flags.ready();
  const cut = formatMessage(origin.commit({ [FLAG]: flagOf(FLAG, 2, true) }));
  server.script((exchange) => {
    const answer = origin.answer(String(exchange.headers['last-event-id']));
    exchange.send(...(answer === undefined ? [] : [answer]), origin.heartbeat());
  });
  const [first] = server.exchanges;
  first?.write(cut.slice(0, -20));
  await new Promise((resolve) => void setTimeout(resolve, 50));
  expect(flags.value(FLAG, true)).toBe(false);
  first?.reset();
  await bench.converged('the change', () => flags.value(FLAG, false));
  expect(server.exchanges[1]?.headers['last-event-id']).toBe(before);
});

faultInFakeTime('one huge line', 60_000, ({ client, converged }) => {
  const piece = 1_460;
  const feed = (megabytes: number): number => {
    const bytes = Buffer.from(`event: UNKNOWN\ndata: ${'x'.repeat(megabytes * 2 ** 20)}\n\n`);
    const stream = createEventStream(() => {});
    const before = process.cpuUsage();
    for (let at = 0; at < bytes.length; at += piece) stream.push(bytes.subarray(at, at + piece));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  feed(1);
  // Linear: a parser that looks at the start again with each piece takes minutes.
  expect(feed(8)).toBeLessThan(2_000);

  const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, true)]));
  const { flags, transport } = client((request) => {
    request.respond();
    request.send(origin.fullSync());
  });
  const memory = process.memoryUsage.rss();
  const stream = transport.last('stream');
  stream.write('event: FULL_SYNC\ndata: ');
  const filler = Buffer.alloc(2 ** 20, 'x');
  for (let sent = 0; sent <= 4 * MAX_MESSAGE_LENGTH; sent += filler.length) stream.write(filler);
  expect(process.memoryUsage.rss() - memory).toBeLessThan(8 * MAX_MESSAGE_LENGTH);
  expect(stream.closed()).toBe(true);
  expect(flags.status()).toMatchObject({ state: 'waiting', reason: 'data' });
  converged('a stream again', () => flags.status().state === 'live');
  expect(flags.value(FLAG, false)).toBe(true);
});

const broken: readonly (readonly [what: string, block: (data: string) => string])[] = [
  ['JSON that ends early', (data) => `event: FLAG_UPDATE\ndata: ${data.slice(0, -3)}\n\n`],
  ['no JSON', () => 'event: FULL_SYNC\ndata: <html>\n\n'],
  ['another type', () => 'event: FULL_SYNC\ndata: []\n\n'],
  ['no position', (data) => `event: FLAG_UPDATE\ndata: ${data.replace(/"position":"[^"]*",/, '')}\n\n`],
  ['flags that are a list', (data) => `event: FLAG_UPDATE\ndata: ${data.replace(/"flags":\{.*\}/, '"flags":[]')}\n\n`],
  [
    'a ruleset that is none',
    (data) => `event: FULL_SYNC\ndata: ${data.replace(/"flags":\{.*\}/, '"ruleset":{"format":1}')}\n\n`,
  ],
  ['a heartbeat without a time', () => 'event: HEARTBEAT\ndata: {"position":"e.1.00000000"}\n\n'],
];

faultInFakeTime('known events that cannot be used', 60_000, ({ client, converged }) => {
  for (const [what, block] of broken) {
    const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, true)]));
    const { flags, transport } = client((request) => {
      request.respond();
      if (isStream(request)) request.send(origin.fullSync());
      else request.end();
    });
    const first = transport.last('stream');
    first.write('event: BRAND_NEW\ndata: {"position": 7}\n\n');
    expect([flags.status().state, transport.requests.length]).toEqual(['live', 1]);
    const delta = formatMessage(origin.commit({ [FLAG]: flagOf(FLAG, 2, false) }));
    first.write(block(/^data: (.*)$/m.exec(delta)?.[1] ?? ''));
    expect([what, first.closed(), flags.value(FLAG, false)]).toEqual([what, true, true]);
    expect(flags.status()).toMatchObject({ reason: 'data', stale: true });
    converged('the change', () => !flags.value(FLAG, true));
    // Resuming would bring the same bytes again.
    expect(transport.requests[1]?.request.headers['last-event-id']).toBeUndefined();
    void flags.close();
  }
});
