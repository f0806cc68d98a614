import type { Heartbeat } from '@flags/sync';
import { formatPosition } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { createPropagation } from '../src/propagation.ts';
import type { Samples } from './prometheus.ts';
import { parsePrometheus } from './prometheus.ts';
import type { StreamReader } from './reader.ts';
import { EPOCH, flag } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

async function ack({ relay }: Started, body: unknown, key: string = KEY): Promise<number> {
  const response = await fetch(`${relay.url}/v1/ack`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await response.text();
  return response.status;
}

const scrape = async ({ get }: Started): Promise<Samples> => parsePrometheus(await (await get('/metrics')).text());

async function outcomes(started: Started): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {};
  for (const [name, value] of await scrape(started)) {
    const outcome = /^flags_relay_acks_total\{outcome="(\w+)"\}$/.exec(name)?.[1];
    if (outcome !== undefined) found[outcome] = value;
  }
  return found;
}

/** Opens a stream, and its first heartbeat. */
async function join(started: Started): Promise<{ reader: StreamReader; hello: Heartbeat }> {
  const reader = await started.stream();
  await reader.next();
  const { message } = await reader.next();
  if (message.type !== 'HEARTBEAT') throw new Error(`got ${message.type}`);
  return { reader, hello: message };
}

describe('POST /v1/ack', () => {
  it('is asked for where acks are on, and only there', async () => {
    expect((await join(await start({ acks: true }))).hello).toMatchObject({ ack: true });
    expect((await join(await start())).hello).not.toHaveProperty('ack');
  });

  it('measures the way of a change, once for each stream', async () => {
    const started = await start({ acks: true });
    const streams = [await join(started), await join(started)];
    const before = performance.now();
    started.source.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    for (const { reader, hello } of streams) {
      const { id } = await reader.change();
      await new Promise((resolve) => void setTimeout(resolve, 20));
      const body = { stream: hello.stream, position: id, lagMs: 0 };
      expect(await ack(started, body)).toBe(202);
      expect(await ack(started, body)).toBe(202);
    }
    const most = (performance.now() - before) / 1_000;
    const samples = await scrape(started);
    expect(samples.get('flags_relay_propagation_seconds_count')).toBe(2);
    const sum = samples.get('flags_relay_propagation_seconds_sum');
    // The first waited for 20 ms, the second for both.
    expect(sum).toBeGreaterThanOrEqual(0.058);
    expect(sum).toBeLessThan(most * 2);
    expect(await outcomes(started)).toEqual({ applied: 2, repeated: 2 });
  });

  it('takes off what the client waited before it told', async () => {
    const started = await start({ acks: true });
    const { reader, hello } = await join(started);
    const before = performance.now();
    started.source.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    const { id } = await reader.change();
    const applied = performance.now();
    await new Promise((resolve) => void setTimeout(resolve, 100));
    const lagMs = performance.now() - applied;
    await ack(started, { stream: hello.stream, position: id, lagMs });
    // All the time there was, however slow the machine, without what was waited.
    const most = (performance.now() - before - lagMs) / 1_000;
    const samples = await scrape(started);
    expect(samples.get('flags_relay_propagation_seconds_count')).toBe(1);
    expect(samples.get('flags_relay_propagation_seconds_sum')).toBeLessThan(most);
  });

  it('believes nobody who applied a change before there was one', async () => {
    const started = await start({ acks: true });
    const { reader, hello } = await join(started);
    started.source.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    const { id } = await reader.change();
    await ack(started, { stream: hello.stream, position: id, lagMs: 1e9 });
    expect((await scrape(started)).get('flags_relay_propagation_seconds_count')).toBe(0);
  });

  it('tells of clients that hold something else than they were sent', async () => {
    const started = await start({ acks: true });
    const { reader, hello } = await join(started);
    const say = (position: string): Promise<number> => ack(started, { stream: hello.stream, position, lagMs: 0 });
    const { epoch, version, hash } = hello.position;
    await say(`${epoch}.${version}.00000000`);
    started.source.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    const { id } = await reader.change();
    await say(`${epoch}.2.${hash}`);
    expect(await outcomes(started)).toEqual({ drifted: 2 });
    // What was sent before is not compared any more, and who is healed counts as having applied it.
    await say(`${epoch}.${version}.00000000`);
    await say(id ?? '');
    expect(await outcomes(started)).toEqual({ drifted: 2, repeated: 1, applied: 1 });
  });

  it('answers 202 whatever it is told, and says in the metrics what it was', async () => {
    const started = await start({ acks: true });
    const { hello } = await join(started);
    const position = formatPosition(hello.position);
    for (const body of [
      { stream: hello.stream, position, lagMs: 1 },
      { stream: hello.stream, position: `${EPOCH}.9.00000000`, lagMs: 1 },
      { stream: 'elsewhere', position, lagMs: 1 },
      { stream: hello.stream, position: 'x' },
      { stream: hello.stream, position, lagMs: -1 },
      { position },
      [],
      7,
    ]) {
      expect(await ack(started, body)).toBe(202);
    }
    expect(await outcomes(started)).toEqual({ repeated: 1, ahead: 1, unknown: 1, malformed: 5 });
    expect((await scrape(started)).get('flags_relay_propagation_seconds_count')).toBe(0);
  });

  it('needs a key of either kind, and JSON of a sane size', async () => {
    const started = await start();
    expect(await ack(started, {}, CLIENT_KEY)).toBe(202);
    expect(await ack(started, {}, 'nobody')).toBe(401);
    expect(await ack(started, '{')).toBe(400);
    expect(await ack(started, { stream: 'x'.repeat(1_024) })).toBe(413);
  });
});

describe('the memory of commits', () => {
  it('holds the last 1 024', () => {
    const propagation = createPropagation();
    const at = (version: number): { epoch: string; version: number; hash: string } => ({
      epoch: EPOCH,
      version,
      hash: '00000000',
    });
    for (let version = 1; version <= 1_025; version += 1) propagation.committed(at(version), version);
    expect(propagation.since(at(1), 2_000)).toBeUndefined();
    expect(propagation.since(at(2), 2_000)).toBe(1_998);
    expect(propagation.since(at(1_025), 2_000)).toBe(975);
  });
});
