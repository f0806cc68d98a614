import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatPosition } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import type { Relay, RelayLog, RelayOptions, Source } from '../src/index.ts';
import { createRelay, fileSource, memorySource, upstreamSource } from '../src/index.ts';
import { directory } from './directory.ts';
import { openStream } from './reader.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

const auth = { authorization: `Bearer ${KEY}` };
const content = [...manyFlags(10), flag('c', 1, { client: true })];

/** A source that never answers. */
const silent: Source = { start: async () => {}, refresh: async () => {}, stop: async () => {} };

interface Kept {
  readonly relay: Relay;
  readonly log: string[];
}

async function begin(options: Partial<RelayOptions> & { readonly snapshot: string }): Promise<Kept> {
  const log: string[] = [];
  const line = (_facts: object, message: string): void => void log.push(message);
  const logger: RelayLog = { info: line, warn: line, error: line };
  const relay = await createRelay({ source: silent, keys: [KEY, CLIENT_KEY], port: 0, log: logger, ...options });
  open.push(relay);
  await relay.listen();
  return { relay, log };
}

/** A snapshot of version 3 that a relay has left, and the positions that it passed through. */
async function leave(): Promise<{ readonly snapshot: string; readonly positions: readonly string[] }> {
  const snapshot = join(await directory(), 'snapshot.json');
  const source = memorySource(ruleset(1, content));
  const { relay, commits } = await start({ source, snapshot });
  for (const version of [2, 3]) source.apply({ version, flags: { f1: flag('f1', version, { note: `${version}` }) } });
  await relay.close();
  return { snapshot, positions: commits.map(({ position }) => formatPosition(position)) };
}

async function readyz(relay: Relay): Promise<unknown> {
  return (await fetch(`${relay.url}/readyz`)).json();
}

describe('a relay with a snapshot', () => {
  it('serves it while its source does not answer, and says since when', async () => {
    const { snapshot, positions } = await leave();
    const before = Date.now();
    const { relay, log } = await begin({ snapshot });
    await relay.ready;
    const ready = (await readyz(relay)) as { readonly since: string };
    expect(ready).toMatchObject({ status: 'ready', position: positions[2], stale: true });
    expect(Date.parse(ready.since)).toBeLessThanOrEqual(before);
    expect(log.join()).toContain(ready.since);
  });

  it('resumes every client from before with a delta', async () => {
    const { snapshot, positions } = await leave();
    const { relay } = await begin({ snapshot });
    const types: string[] = [];
    for (const position of positions) {
      const reader = await openStream(`${relay.url}/v1/stream`, { ...auth, 'last-event-id': position });
      open.push(reader);
      types.push((await reader.next()).message.type);
    }
    expect(types).toEqual(['FLAG_UPDATE', 'FLAG_UPDATE', 'HEARTBEAT']);
  });

  it('goes on from it when the source answers, and is fresh again', async () => {
    const { snapshot, positions } = await leave();
    const changed = [...content.filter(({ key }) => key !== 'f1'), flag('f1', 4, { note: '4' })];
    const { relay } = await begin({ snapshot, source: memorySource(ruleset(4, changed)) });
    expect(await readyz(relay)).not.toHaveProperty('stale');
    const answer = await fetch(`${relay.url}/v1/snapshot?since=${positions[0]}`, { headers: auth });
    expect(await answer.json()).toMatchObject({ event: 'FLAG_UPDATE', data: { flags: { f1: { version: 4 } } } });
  });

  it('never goes back, whatever the source says', async () => {
    const { snapshot, positions } = await leave();
    const { relay, log } = await begin({ snapshot, source: memorySource(ruleset(2, content)) });
    expect(await readyz(relay)).toMatchObject({ position: positions[2], stale: true });
    expect(log).toContain('the source cannot be used; the last good flags stay in use');
  });

  it('says that there is nothing to serve where nothing was kept', async () => {
    const snapshot = join(await directory(), 'snapshot.json');
    const source: Source = { ...silent, start: async (sink) => sink.broken([]) };
    const { log } = await begin({ snapshot, source });
    expect(log).toContain('the source cannot be used; there are no flags to serve yet');
  });

  it('gives way to a source of another environment', async () => {
    const { snapshot } = await leave();
    const source = memorySource({ ...ruleset(1, content, [], '01a'), environment: 'other' });
    const { relay, log } = await begin({ snapshot, source });
    expect(await readyz(relay)).toMatchObject({ position: expect.stringMatching(/^01a\.1\./) });
    expect(log.join()).toContain('environment "test"');
  });

  it('starts over a flag file that is broken or gone, and takes it when it is mended', async () => {
    const folder = await directory();
    const [snapshot, flags] = [join(folder, 'kept.json'), join(folder, 'flags.yaml')];
    const text = 'environment: test\nflags:\n  a: true\n  b: true\n  c: true\n';
    await writeFile(flags, text);
    const first = await begin({ snapshot, source: fileSource(flags) });
    const { position } = (await readyz(first.relay)) as { readonly position: string };
    await first.relay.close();
    await writeFile(flags, 'environment: [');
    const broken: unknown[] = [];
    const second = await begin({ snapshot, source: fileSource(flags), onBrokenSource: (why) => broken.push(why) });
    expect(await readyz(second.relay)).toMatchObject({ position, stale: true });
    expect(broken).toHaveLength(1);
    await writeFile(flags, text.replace('b: true', 'b: false'));
    await until(() => second.log.includes('the source can be used again'));
    const answer = await fetch(`${second.relay.url}/v1/snapshot?since=${position}`, { headers: auth });
    expect(await answer.json()).toMatchObject({ event: 'FLAG_UPDATE', data: { flags: { b: {} } } });
    expect(await readyz(second.relay)).not.toHaveProperty('stale');
  });

  it('keeps the history of a flag file whose lock cannot be kept', async () => {
    const folder = await directory();
    const [snapshot, flags] = [join(folder, 'kept.json'), join(folder, 'flags.yaml')];
    await writeFile(flags, 'environment: test\nflags:\n  a: true\n');
    const first = await begin({ snapshot, source: fileSource(flags) });
    const { position } = (await readyz(first.relay)) as { readonly position: string };
    await first.relay.close();
    await rm(join(folder, 'flags.lock.json'));
    const second = await begin({ snapshot, source: fileSource(flags) });
    expect(await readyz(second.relay)).toMatchObject({ position });
  });

  it('follows its upstream from there on', async () => {
    const snapshot = join(await directory(), 'kept.json');
    const source = memorySource(ruleset(1, content));
    const origin = await start({ source });
    const region = (): Source => upstreamSource({ url: origin.relay.url, key: KEY });
    const first = await begin({ snapshot, source: region() });
    await first.relay.ready;
    await first.relay.close();
    source.apply({ version: 2, flags: { f1: null } });
    const second = await begin({ snapshot, source: region() });
    await until(() => second.log.filter((line) => line === 'took over a change').length === 2);
    const text = await (await origin.get('/metrics')).text();
    expect(text).toContain('flags_relay_resumes_total{kind="delta"} 1');
  });

  it('is written whole, readable by its owner alone, and leaves nothing beside it', async () => {
    const { snapshot } = await leave();
    expect(JSON.parse(await readFile(snapshot, 'utf8'))).toMatchObject({ event: 'FULL_SYNC', kept: { form: 1 } });
    expect(await readdir(join(snapshot, '..'))).toEqual(['snapshot.json']);
  });

  it('goes on when it cannot be written', async () => {
    const { relay, log } = await begin({ snapshot: '/proc/none/kept.json', source: memorySource(ruleset(1, content)) });
    await until(() => log.some((line) => line.includes('cannot be written')));
    expect(await readyz(relay)).toMatchObject({ status: 'ready' });
  });

  it.each<[string, (text: string) => string, string]>([
    ['cut', (text) => text.slice(0, -9), 'damaged'],
    ['empty', () => '', 'damaged'],
    ['edited', (text) => text.replace('"enabled":true', '"enabled":false'), 'digest'],
    ['short of a flag', (text) => text.replace(/"f3":\{.*?\},"f4"/, '"f4"'), 'add up'],
    ['of a later relay', (text) => text.replace('"form":1', '"form":2'), 'another version'],
    ['of no time', (text) => text.replace(/"at":\d+/, '"at":1e300'), 'another version'],
    ['of another format', (text) => text.replace('"format":1', '"format":2'), 'format'],
    ['of a client key', (text) => text.replace('"scope":"server"', '"scope":"client"'), 'client keys'],
    ['another document', () => '{"event":"HEARTBEAT","data":{}}', 'damaged'],
  ])('does not use one that is %s, and says why', async (_name, edit, why) => {
    const { snapshot } = await leave();
    const text = await readFile(snapshot, 'utf8');
    expect(edit(text)).not.toBe(text);
    await writeFile(snapshot, edit(text));
    const { relay, log } = await begin({ snapshot });
    expect((await fetch(`${relay.url}/readyz`)).status).toBe(503);
    expect(log.find((line) => line.includes('is not used'))).toContain(why);
  });

  it('takes one without history, for the flags alone', async () => {
    const { snapshot, positions } = await leave();
    const text = await readFile(snapshot, 'utf8');
    await writeFile(snapshot, text.replace(/"history":.*$/, '"history":[]}}'));
    const { relay } = await begin({ snapshot });
    expect(await readyz(relay)).toMatchObject({ position: positions[2] });
  });
});
