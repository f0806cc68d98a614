import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Ruleset, RulesetChange } from '@flags/core';
import { createRelay, memorySource } from '@flags/relay';
import { adapter as growthBook } from '../evaluate/adapters/growthbook.ts';
import { toFlag, toRuleset } from '../evaluate/adapters/ruleset.ts';
import type { Environment } from '../evaluate/neutral.ts';
import { mixedEnvironment } from '../evaluate/workloads.ts';
import { KEY } from './server.ts';

/** Bytes on a connection to a client that follows many flags, uncompressed, with HTTP's and without TLS's and TCP's. */
export interface Wire {
  readonly flags: number;
  readonly relay: WireBytes;
  /** GrowthBook's payload of the same flags, as an event of its stream carries it. */
  readonly fullPayload: WireBytes;
}

/** What a client receives. */
export interface WireBytes {
  readonly first: number;
  readonly change: number;
  /** Coming back after one change was missed, and after none. */
  readonly backAfterOne: number;
  readonly backAfterNone: number;
}

interface Reader {
  /** Waits until the text since the last call ends so, and gives its length. */
  next(end: RegExp): Promise<number>;
  readonly lastId: () => string;
  close(): void;
}

function follow(port: number, headers: string): Reader {
  let [text, id] = ['', ''];
  let onText = (): void => {};
  const socket: Socket = connect(port, '127.0.0.1');
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    id = [...text.matchAll(/^id: ?(.+)$/gm)].at(-1)?.[1] ?? id;
    onText();
  });
  socket.on('error', () => undefined);
  const lines = [
    'GET /v1/stream HTTP/1.1',
    'Host: localhost',
    'Accept: text/event-stream',
    `Authorization: Bearer ${KEY}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n${headers}\r\n`);
  return {
    next: (end) =>
      new Promise((resolve) => {
        onText = () => {
          if (!end.test(text)) return;
          resolve(text.length);
          text = '';
        };
        onText();
      }),
    lastId: () => id,
    close: () => socket.destroy(),
  };
}

const HEARTBEAT = /event: HEARTBEAT\n.*\n\n(\r\n)?$/;
const CHANGE = /event: FLAG_UPDATE\n.*\n\n(\r\n)?$/s;
const CHANGED = 'flag-3';

// The same flag with one rule less, another time with all of them.
function changes(environment: Environment): (version: number) => RulesetChange {
  const flag = environment.flags.find(({ key }) => key === CHANGED);
  if (flag === undefined) throw new Error(`There is no ${CHANGED}.`);
  return (version) => {
    const rules = flag.rules.slice(version % 2);
    const digest = version.toString(16).padStart(64, '0');
    return { version, flags: { [CHANGED]: { ...toFlag({ ...flag, rules }), version, digest } } };
  };
}

async function ofRelay(environment: Environment): Promise<WireBytes> {
  const whole = toRuleset(environment);
  const digest = (index: number): string => (index + 1).toString(16).padStart(64, 'a');
  const flags = Object.fromEntries(
    Object.values(whole.flags).map((flag, index) => [flag.key, { ...flag, digest: digest(index) }]),
  );
  const ruleset: Ruleset = { ...whole, flags };
  const source = memorySource(ruleset);
  const relay = await createRelay({ source, keys: [KEY], port: 0 });
  await relay.listen();
  const port = Number(new URL(relay.url).port);
  const change = changes(environment);
  const reader = follow(port, '');
  const first = await reader.next(HEARTBEAT);
  source.apply(change(2));
  const changed = await reader.next(CHANGE);
  const resume = `Last-Event-ID: ${reader.lastId()}\r\n`;
  reader.close();
  const again = follow(port, resume);
  const backAfterNone = await again.next(HEARTBEAT);
  again.close();
  source.apply(change(3));
  const late = follow(port, resume);
  const backAfterOne = await late.next(HEARTBEAT);
  late.close();
  await relay.close();
  return { first, change: changed, backAfterOne, backAfterNone };
}

/** What comes over the wire of a relay, and of a stream that sends everything at each change. */
export async function measureWire(flags: number): Promise<Wire> {
  const environment = mixedEnvironment(flags);
  const event = Buffer.byteLength(`event: features\ndata: ${growthBook.payload(environment)}\n\n`);
  const fullPayload = { first: event, change: event, backAfterOne: event, backAfterNone: event };
  return { flags, relay: await ofRelay(environment), fullPayload };
}
