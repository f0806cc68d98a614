import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { fault } from './fault.ts';
import type { EdgeBench, EdgeWorker, Kv } from './fault.ts';

const HEAD = 'flags/client/head';
const stateAt = (position: string): string => `flags/client/rs/${position}`;

interface Stored {
  readonly position: string;
  readonly head: string;
  readonly state: string;
}

/** What a store has. */
async function read(kv: Kv): Promise<Stored | undefined> {
  const head = await kv.get(HEAD);
  if (head === null) return undefined;
  const { position } = JSON.parse(head) as { position: string };
  return { position, head, state: (await kv.get(stateAt(position))) ?? '' };
}

/** Waits until the store has what the isolate has, and gives it. */
async function stored(isolate: EdgeWorker, converged: EdgeBench['converged']): Promise<Stored> {
  let found: Stored | undefined;
  await converged('the store is told', isolate, async ({ position }) => {
    found = await read(isolate.kv);
    return found !== undefined && found.position === position && found.state !== '';
  });
  return found!;
}

fault('a store that is down', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { HARM: { store: 'down' } });
  expect(await isolate.read()).toMatchObject({ value: 'one', source: 'network' });
  relay.set('two');
  await converged('the change', isolate, ({ value, stale }) => value === 'two' && !stale);
  await isolate.harm({});
  await stored(isolate, converged);
});

fault('a store that is silent', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { HARM: { store: 'silent' } });
  // It is waited for half a second, and no longer.
  expect(await isolate.read()).toMatchObject({ value: 'one', source: 'network' });
  relay.set('two');
  await converged('the change', isolate, ({ value, stale }) => value === 'two' && !stale);
  await isolate.harm({});
  await stored(isolate, converged);
});

fault('a store that is behind', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  const old = await stored(isolate, converged);
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
  await stored(isolate, converged);
  // As a location that has yet to hear of it: the old state, told of a moment ago.
  const fresh = (at: number): string => JSON.stringify({ position: old.position, at, before: [] });
  await isolate.kv.put(HEAD, fresh(Date.now()));
  relay.set('three');
  await converged('the next change', isolate, ({ value }) => value === 'three');
  await stored(isolate, converged);
  // A cold isolate may begin with what is behind, and ends with what is not.
  await isolate.kv.put(HEAD, fresh(Date.now()));
  await isolate.kv.put(stateAt(old.position), old.state);
  await isolate.restart();
  await converged('what is newest', isolate, ({ value }) => value === 'three');
  await stored(isolate, converged);
});

fault('a store that is damaged', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  const good = await stored(isolate, converged);
  const other = good.position.replace('.1.', '.7.');
  const damages: readonly (() => Promise<unknown>)[] = [
    () => isolate.kv.put(HEAD, '{"position":'),
    () => isolate.kv.put(HEAD, `{"position":"${'9'.repeat(5_000)}"}`),
    () => isolate.kv.put(stateAt(good.position), good.state.slice(0, -9)),
    () => isolate.kv.put(stateAt(good.position), good.state.replace('"one"', '"evil"')),
    async () => {
      await isolate.kv.put(stateAt(other), good.state);
      await isolate.kv.put(HEAD, good.head.replace(good.position, other));
    },
  ];
  for (const damage of damages) {
    await damage();
    await isolate.restart();
    expect(await isolate.read()).toMatchObject({ value: 'one', source: 'network' });
    const mended = await stored(isolate, converged);
    expect(mended).toMatchObject({ position: good.position, state: good.state });
  }
});

fault('a head without its state', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  const { position, state } = await stored(isolate, converged);
  await isolate.kv.delete(stateAt(position));
  await isolate.restart();
  expect(await isolate.read()).toMatchObject({ value: 'one', source: 'network' });
  expect(await stored(isolate, converged)).toMatchObject({ state });
  // With nobody to ask, the state that comes late is taken when it comes.
  await isolate.kv.delete(stateAt(position));
  proxy.cut(true);
  await isolate.restart();
  expect(await isolate.read()).toMatchObject({ value: 'default' });
  await isolate.kv.put(stateAt(position), state);
  await converged('the state', isolate, ({ value, source }) => value === 'one' && source === 'cache');
});

fault('a head that is ahead of its state', 20_000, async ({ origin, worker, fromStore, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  const old = await stored(isolate, converged);
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
  const next = await stored(isolate, converged);
  // Another location: its head has come, and the state it names has not.
  await isolate.kv.delete(stateAt(next.position));
  await isolate.kv.put(HEAD, old.head);
  proxy.cut(true);
  await fromStore(isolate, 'one');
  await isolate.kv.put(HEAD, next.head);
  await converged('it goes on with what it has', isolate, ({ value, stale }) => value === 'one' && stale);
  await isolate.kv.put(stateAt(next.position), next.state);
  await converged('the state', isolate, ({ value, source }) => value === 'two' && source === 'cache');
});

fault('a store that somebody else writes', 15_000, async ({ origin, worker, converged }) => {
  const pair = generateKeyPairSync('ed25519');
  const signingKey = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  const PINNED = pair.publicKey.export({ format: 'jwk' }).x ?? '';
  // Somebody with a relay of their own, whose rules are later, and who writes what it says into the store.
  const { relay: liar } = await origin();
  for (const value of ['lie', 'lie again', 'lies']) liar.set(value);
  const writer = await worker(liar.url, liar.key);
  const forged = await stored(writer, converged);
  const { relay, proxy } = await origin({ signingKey });
  const isolate = await worker(proxy.url, relay.key, { PINNED });
  const good = await stored(isolate, converged);
  await isolate.kv.put(stateAt(forged.position), forged.state);
  await isolate.kv.put(HEAD, forged.head.replace(/"at":\d+/, `"at":${Date.now()}`));
  await isolate.restart();
  expect(await isolate.read()).toMatchObject({ value: 'one', source: 'network', position: good.position });
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
  await stored(isolate, converged);
});

fault('a store that takes no writes', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { HARM: { store: 'read only' } });
  expect(await isolate.read()).toMatchObject({ value: 'one', source: 'network' });
  relay.set('two');
  await converged('the change', isolate, ({ value, stale }) => value === 'two' && !stale);
  expect(await isolate.kv.get(HEAD)).toBeNull();
  await isolate.harm({});
  await stored(isolate, converged);
});
