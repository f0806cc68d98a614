// The clients: raw sockets that count bytes, since what they cost is taken from the server on the same machine.
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { answerQuestions, steadyMs } from '../frame/processes.ts';
import { KEY, MARKER } from './server.ts';

/** What the clients are asked. */
export type GeneratorQuestion =
  | { readonly ask: 'connect'; readonly port: number; readonly clients: number; readonly stalled: boolean }
  | { readonly ask: 'arm'; readonly deliveries: number }
  | { readonly ask: 'collect'; readonly pushedAt: number }
  | { readonly ask: 'comeBack'; readonly capMs: number }
  | { readonly ask: 'allBack'; readonly since: number }
  | { readonly ask: 'closed' };

/** How long deliveries took, in milliseconds. */
export interface Delivered {
  readonly deliveries: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How long it took until so many were back, in milliseconds, and what it took. */
export interface Back {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Attempts that the system refused, since nothing listened. */
  readonly refused: number;
  /** Attempts that failed in any other way since then: reset, turned away or ended by the relay. */
  readonly failures: number;
}

interface Client {
  received: number;
  /** Changes since the clients were armed. */
  changes: number;
  isReady: boolean;
  failures: number;
  readonly isStalled: boolean;
}

const IN_FLIGHT = 256;
const REQUEST = `GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${KEY}\r\n\r\n`;
const MARK = MARKER.charCodeAt(0);
// One buffer for all: what is read is only counted.
const buffer = Buffer.allocUnsafe(65_536);

let port = 0;
/** What a client gets before it is up to date. The same for all: ids and times have a fixed length. */
let firstBytes = 0;
let times = new Float64Array(0);
let arrived = 0;
let isArmed = false;
let onArrived = (): void => {};
let onReady = (): void => {};
let onLost: (why: string) => void = () => {};
/** With a cap clients that lose their stream come back, by the protocol's backoff. */
let capMs: number | undefined;
let refused = 0;
/** When attempts failed otherwise. */
const failed: number[] = [];
let closed = 0;
const back: number[] = [];
const clients = new Set<Client>();

function open(client: Client): void {
  client.received = 0;
  const socket: Socket = connect({
    port,
    host: '127.0.0.1',
    onread: { buffer, callback: (count) => read(client, count) },
  });
  let why = 'the server closed it';
  let isRefused = false;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    why = error.message;
    isRefused = error.code === 'ECONNREFUSED';
  });
  socket.on('close', () => lose(client, why, isRefused));
  socket.write(REQUEST);
}

function read(client: Client, count: number): boolean {
  client.received += count;
  if (!client.isReady) {
    if (firstBytes > 0 && client.received >= firstBytes) {
      client.isReady = true;
      client.failures = 0;
      back.push(steadyMs());
      onReady();
    }
    return true;
  }
  if (client.isStalled) return false;
  if (!isArmed) return true;
  for (let at = 0; at < count; at += 1) {
    if (buffer[at] !== MARK) continue;
    times[arrived] = steadyMs();
    arrived += 1;
    client.changes += 1;
    if (arrived === times.length) onArrived();
  }
  return true;
}

function lose(client: Client, why: string, isRefused: boolean): void {
  closed += 1;
  if (capMs === undefined) return onLost(why);
  if (isRefused) refused += 1;
  else if (!client.isReady) failed.push(steadyMs());
  client.isReady = false;
  const delay = Math.random() * Math.min(capMs, 1_000 * 2 ** client.failures);
  client.failures += 1;
  setTimeout(() => open(client), delay);
}

/** Reads a stream to the end of its first heartbeat, and counts. */
function countFirstBytes(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('error', reject).on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (!/event: HEARTBEAT\n(.+\n)+\n(\r\n)?$/.test(text)) return;
      socket.destroy();
      resolve(text.length);
    });
    socket.write(REQUEST);
  });
}

async function join(question: Extract<GeneratorQuestion, { ask: 'connect' }>): Promise<object> {
  port = question.port;
  firstBytes = await countFirstBytes();
  const before = steadyMs();
  const joined = new Promise<void>((resolve, reject) => {
    onLost = (why) =>
      reject(new Error(`One of ${clients.size} clients lost its connection, of ${question.clients}: ${why}`));
    let [started, ready] = [0, 0];
    const next = (): void => {
      if (started === question.clients) return;
      started += 1;
      const client: Client = { received: 0, changes: 0, isReady: false, failures: 0, isStalled: question.stalled };
      clients.add(client);
      open(client);
    };
    onReady = () => {
      ready += 1;
      if (ready === question.clients) resolve();
      else next();
    };
    for (let left = IN_FLIGHT; left > 0; left -= 1) next();
  });
  await within(
    120_000,
    () => `${clients.size} of ${question.clients} clients tried to connect, and some got no answer`,
    joined,
  );
  [onReady, onLost] = [() => {}, () => {}];
  return { ms: steadyMs() - before };
}

function within<T>(ms: number, what: () => string, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => void setTimeout(() => reject(new Error(what())), ms).unref());
  return Promise.race([work, late]);
}

function percentiles(all: Float64Array): { readonly p50: number; readonly p99: number; readonly max: number } {
  all.sort();
  const at = (share: number): number => all[Math.min(Math.floor(all.length * share), all.length - 1)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

async function collect(pushedAt: number): Promise<Delivered> {
  await within(
    20_000,
    () => `changes were lost: ${arrived} of ${times.length} arrived`,
    new Promise<void>((resolve) => {
      if (arrived === times.length) resolve();
      else onArrived = resolve;
    }),
  );
  isArmed = false;
  const isOnce = [...clients].every(({ changes }) => changes === 1);
  if (!isOnce) throw new Error('A client had a change twice, and another none.');
  return { deliveries: arrived, ...percentiles(times.map((time) => time - pushedAt)) };
}

async function allBack(since: number): Promise<Back> {
  await within(
    60_000,
    () => 'clients did not come back',
    new Promise<void>((resolve) => {
      onReady = () => {
        if (back.length === clients.size) resolve();
      };
      onReady();
    }),
  );
  const failures = failed.filter((time) => time >= since).length;
  return { ...percentiles(Float64Array.from(back, (time) => time - since)), refused, failures };
}

answerQuestions((question: GeneratorQuestion) => {
  switch (question.ask) {
    case 'connect':
      return join(question);
    case 'arm':
      times = new Float64Array(question.deliveries);
      arrived = 0;
      isArmed = true;
      for (const client of clients) client.changes = 0;
      return {};
    case 'collect':
      return collect(question.pushedAt);
    case 'comeBack':
      capMs = question.capMs;
      back.length = 0;
      return {};
    case 'allBack':
      return allBack(question.since);
    case 'closed':
      return { closed };
  }
});
