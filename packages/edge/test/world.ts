import { createHash } from 'node:crypto';
import type { Ruleset } from '@flags/core';
import { compileRuleset } from '@flags/core';
import { canonicalize, formatEnvelope, formatPosition, holdRuleset } from '@flags/sync';
import type { FakeClock } from '@flags/sync/testing';
import { createFakeClock } from '@flags/sync/testing';
import { createEdge } from '../src/edge-flags.ts';
import type { EdgeFlags } from '../src/edge-flags.ts';
import type { EdgeOptions } from '../src/options.ts';
import type { EdgeKv } from '../src/kv.ts';

/** A ruleset whose flag `a`, a string that browsers may see, gives `value`; with an experiment beside it. */
export function ruleset(version: number, value: string, epoch = 'e1', environment = 'test'): Ruleset {
  const content = {
    key: 'a',
    type: 'string' as const,
    enabled: true,
    client: true,
    variations: [
      { name: 'now', value },
      { name: 'pro', value: `${value} pro` },
    ],
    off: 'now',
    rules: [{ id: 'pro', when: { attr: 'plan', op: 'eq' as const, values: ['pro'] }, serve: { variation: 'pro' } }],
    fallthrough: { variation: 'now' },
  };
  const digest = createHash('sha256').update(canonicalize(content)).digest('hex');
  return { format: 1, environment, epoch, version, flags: { a: { ...content, version, digest } }, segments: {} };
}

/** A relay that is only its answers. */
export interface FakeRelay {
  /** What it has; `undefined` for a relay that is down. */
  ruleset: Ruleset | undefined;
  /** Answers of these requests wait. */
  hold: boolean;
  readonly asked: { readonly url: string; readonly init: RequestInit }[];
  readonly reports: unknown[];
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Lets those that wait go on. */
  readonly go: () => void;
}

/** Creates a relay that has this. */
export function createFakeRelay(first: Ruleset | undefined): FakeRelay {
  const waiting: (() => void)[] = [];
  const relay: FakeRelay = {
    ruleset: first,
    hold: false,
    asked: [],
    reports: [],
    go: () => {
      relay.hold = false;
      for (const go of waiting.splice(0)) go();
    },
    fetch: async (url, init) => {
      if (init.method === 'POST') {
        relay.reports.push(JSON.parse(init.body as string));
        return new Response(null, { status: 202 });
      }
      relay.asked.push({ url, init });
      if (relay.hold) await new Promise<void>((resolve) => void waiting.push(resolve));
      const { ruleset } = relay;
      if (ruleset === undefined) throw new TypeError('connection refused');
      const { position } = holdRuleset(compileRuleset(ruleset));
      const etag = `"${formatPosition(position)}"`;
      if (new Headers(init.headers).get('if-none-match') === etag)
        return new Response(null, { status: 304, headers: { etag } });
      const text = formatEnvelope({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: { ...ruleset } });
      return new Response(text, { headers: { etag, 'content-type': 'application/json' } });
    },
  };
  return relay;
}

/** A store in memory that counts. */
export interface FakeKv extends Required<EdgeKv> {
  readonly entries: Map<string, string>;
  readonly calls: string[];
  /** What it does instead of answering. */
  fault: 'none' | 'rejects' | 'hangs';
}

/** Creates an empty store. */
export function createFakeKv(): FakeKv {
  const meet = async (call: string): Promise<void> => {
    kv.calls.push(call);
    if (kv.fault === 'rejects') throw new Error('down');
    if (kv.fault === 'hangs') await new Promise(() => {});
  };
  const kv: FakeKv = {
    entries: new Map(),
    calls: [],
    fault: 'none',
    get: async (key) => {
      await meet(`get ${key}`);
      return kv.entries.get(key) ?? null;
    },
    put: async (key, value) => {
      await meet(`put ${key}`);
      kv.entries.set(key, value);
    },
    delete: async (key) => {
      await meet(`delete ${key}`);
      kv.entries.delete(key);
    },
  };
  return kv;
}

/** An isolate, and what is around it. */
export interface World {
  readonly relay: FakeRelay;
  readonly clock: FakeClock;
  readonly edge: EdgeFlags<object>;
  /** What requests have left to be done. */
  readonly work: Promise<unknown>[];
  readonly scope: { waitUntil(work: Promise<unknown>): void };
  /** What the flag gives, to a request of its own. */
  read(): Promise<unknown>;
  /** The same of another isolate with these options. */
  isolate(options?: Partial<EdgeOptions>): World;
}

/** Creates an isolate that asks this relay. */
export function createWorld(
  options: Partial<EdgeOptions> = {},
  relay: FakeRelay = createFakeRelay(ruleset(1, 'one')),
  clock: FakeClock = createFakeClock(),
): World {
  const work: Promise<unknown>[] = [];
  const scope = { waitUntil: (promise: Promise<unknown>) => void work.push(promise) };
  const settings = { url: 'https://relay.test', key: 'sk_1', fetch: relay.fetch, ...options } as EdgeOptions;
  const edge = createEdge<object>(settings, { clock, random: () => 0.5 });
  return {
    relay,
    clock,
    edge,
    work,
    scope,
    read: async () => (await edge.flags({ targetingKey: 'u' }, scope)).value('a', 'default'),
    isolate: (other = {}) => createWorld({ ...options, ...other }, relay, clock),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}
