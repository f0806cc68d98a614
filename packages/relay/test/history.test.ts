import { describe, expect, it } from 'vitest';
import type { Environment } from '../src/environment.ts';
import { createEnvironment } from '../src/environment.ts';
import type { History } from '../src/history.ts';
import { parseHistory } from '../src/history.ts';
import { contents, take, viewOf } from './holder.ts';
import { EPOCH, flag, manyFlags, ruleset } from './ruleset.ts';
import { CLIENT_KEY, start } from './start.ts';

const VIEWS = ['server', 'client'] as const;
const shown = ['a', 'b', 'c', 'd'].map((key) => flag(key, 1, { client: true }));
const first = ruleset(1, [...manyFlags(10), ...shown]);

/** An origin that took five changes one by one, and what clients held after each. */
function origin(): { readonly environment: Environment; readonly held: ReturnType<typeof take>[] } {
  const environment = createEnvironment();
  environment.replace(first);
  const held = VIEWS.map((name) => take(viewOf(environment, name), undefined, undefined));
  for (let version = 2; version <= 6; version += 1) {
    const key = version % 2 === 0 ? 'a' : 'f1';
    environment.apply({ version, flags: { [key]: flag(key, version, { client: key === 'a', note: `${version}` }) } });
    for (const name of VIEWS) held.push(take(viewOf(environment, name), undefined, undefined));
  }
  return { environment, held };
}

/** A replica that was sent the same changes as one. */
function replica(of: Environment): Environment {
  const environment = createEnvironment();
  environment.replace(first);
  const { entries, position } = viewOf(of);
  environment.replace(ruleset(position.version, [...entries.flags.values()]));
  expect(viewOf(environment).position).toEqual(position);
  return environment;
}

/** The history as it arrives over the wire. */
const sent = (history: History): History =>
  parseHistory(JSON.parse(JSON.stringify(history))) ?? { epoch: '', views: {} };

describe('history', () => {
  it('lets a replica resume states that it was sent as one change', () => {
    const { environment, held } = origin();
    const other = replica(environment);
    const middle = held[4];
    expect(viewOf(other).answer(middle?.position)).toMatchObject({ message: { reason: 'fork' } });
    other.learn(sent(environment.history()));
    for (const [index, one] of held.entries()) {
      const name = VIEWS[index % 2] ?? 'server';
      const answer = viewOf(other, name).answer(one.position);
      expect(answer.kind === 'message' && answer.message.type === 'FULL_SYNC').toBe(false);
      const truth = take(viewOf(environment, name), undefined, undefined);
      const after = take(viewOf(other, name), one, one.position);
      expect(after.position).toEqual(truth.position);
      expect(contents(after)).toEqual(contents(truth));
    }
  });

  it('starts at the state that held at a version', () => {
    const { environment } = origin();
    const { views } = environment.history(4);
    expect(views.server?.map(({ version }) => version)).toEqual([4, 5, 6]);
    expect(environment.history(5).views.client?.map(({ version }) => version)).toEqual([4, 6]);
  });

  it('believes nothing that leads elsewhere', () => {
    const { environment, held } = origin();
    const other = replica(environment);
    const { epoch, views } = sent(environment.history());
    const forged = views.server?.map((commit) => (commit.version === 6 ? { ...commit, hash: '00000000' } : commit));
    other.learn({ epoch, views: { server: forged ?? [] } });
    other.learn({ epoch: `${EPOCH}0`, views });
    expect(viewOf(other).answer(held[4]?.position)).toMatchObject({ message: { reason: 'fork' } });
  });

  it('keeps within the limits of the log', () => {
    const { environment, held } = origin();
    const small = createEnvironment({ limits: { commits: 2, keys: 100 } });
    small.replace(ruleset(6, [...viewOf(environment).entries.flags.values()]));
    small.learn(environment.history());
    expect(small.history().views.server?.map(({ version }) => version)).toEqual([4, 5, 6]);
    expect(viewOf(small).answer(held[4]?.position)).toMatchObject({ message: { reason: 'evicted' } });
  });

  it.each([
    ['no object', null],
    ['no views', { epoch: 'e' }],
    ['commits that are no list', { epoch: 'e', views: { server: {} } }],
    ['versions that do not rise', { epoch: 'e', views: { server: [commit(2), commit(2)] } }],
    ['a hash that is none', { epoch: 'e', views: { server: [{ ...commit(1), hash: 'x' }] } }],
    ['keys that are no texts', { epoch: 'e', views: { server: [{ ...commit(1), flags: [1] }] } }],
  ])('reads none from %s', (_name, json) => {
    expect(parseHistory(json)).toBeUndefined();
  });
});

describe('GET /v1/history', () => {
  it('shows what changed in each state, and to a client key only what it may see', async () => {
    const { get, source, relay } = await start();
    source.apply({ version: 2, flags: { f0: null } });
    const { views } = sent((await (await get('/v1/history')).json()) as History);
    expect(views.server?.at(-1)).toMatchObject({ version: 2, flags: ['f0'] });
    expect(views.client?.map(({ version }) => version)).toEqual([1]);
    const client = await fetch(`${relay.url}/v1/history?key=${CLIENT_KEY}`);
    expect(Object.keys(((await client.json()) as History).views)).toEqual(['client']);
    expect((await fetch(`${relay.url}/v1/history`)).status).toBe(401);
  });
});

function commit(version: number): object {
  return { version, hash: '00000000', flags: [], segments: [] };
}
