import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Flag, Segment } from '@flags/core';
import { describe, expect, it } from 'vitest';
import type { RelayOptions, Source } from '../src/index.ts';
import { archiveSource, createRelay, memorySource, upstreamSource } from '../src/index.ts';
import type { Admission } from '../src/ingress.ts';
import { createIngress } from '../src/ingress.ts';
import { directory } from './directory.ts';
import { flag, manyFlags, ruleset, segment } from './ruleset.ts';
import { KEY, start, until } from './start.ts';

const KIB = 1_024;
const MIB = KIB * KIB;

const bytesOf = (entry: Flag | Segment): number => Buffer.byteLength(JSON.stringify(entry));

/** A flag of exactly so many bytes, with characters of more than one byte among them. */
function flagOf(bytes: number, key = 'a'): Flag {
  const note = 'é'.repeat(50);
  return flag(key, 1, { note: note + 'x'.repeat(bytes - bytesOf(flag(key, 1, { note }))) });
}

function segmentOf(bytes: number, key: string): Segment {
  const empty = bytesOf(segment(key, 1, { include: [''] }));
  return segment(key, 1, { include: ['u'.repeat(bytes - empty)] });
}

/** So many levels: the flag, its metadata, and lists in it. */
function nested(levels: number): Flag {
  let value: unknown[] = [];
  for (let level = 3; level < levels; level += 1) value = [value];
  return flag('a', 1, { metadata: { value } as unknown as Record<string, string> });
}

function admit(flags: readonly unknown[], segments: readonly unknown[] = []): Admission {
  const byKey = (all: readonly unknown[]): Map<string, unknown> =>
    new Map(all.map((one, index) => [(one as Flag | null)?.key ?? `${index}`, one]));
  return createIngress('here').admit({ flags: byKey(flags), segments: byKey(segments) });
}

/** Codes of what is doubtful, and the entries that have lost their content; why nothing was taken, if so. */
function verdict(admission: Admission): unknown {
  if (!admission.ok) return admission.problem.code;
  const { flags, segments } = admission.entries;
  const empty = [...flags, ...segments].filter(([, one]) => Object.keys(one).every((name) => HEADER.has(name)));
  return [admission.doubts.map(({ code }) => code), empty.map(([key]) => key)];
}
const HEADER = new Set(['key', 'version', 'digest']);
const GOOD = [[], []];

describe('what comes from elsewhere', () => {
  it('is taken up to 10 000 flags, and not at all above', () => {
    expect(verdict(admit(manyFlags(10_000)))).toEqual(GOOD);
    expect(verdict(admit(manyFlags(10_001)))).toBe('LIMIT');
  });

  it('is taken up to 10 MiB, flags and segments together, and not at all above', () => {
    const flags = [flagOf(100 * KIB)];
    const segments = [segmentOf(5 * MIB, 's'), segmentOf(5 * MIB - 100 * KIB, 't')];
    expect(verdict(admit(flags, segments))).toEqual(GOOD);
    expect(verdict(admit(flags, [...segments, segment('u')]))).toBe('LIMIT');
  });

  it('loses a flag of more than 100 KiB, or of more than 100 levels, and nothing beside it', () => {
    const other = flag('other');
    expect(verdict(admit([flagOf(100 * KIB), other]))).toEqual(GOOD);
    expect(verdict(admit([flagOf(100 * KIB + 1), other]))).toEqual([['LIMIT'], ['a']]);
    expect(verdict(admit([nested(101), other]))).toEqual([['LIMIT'], ['a']]);
    const deepest = admit([nested(100), other]);
    expect(deepest.ok && deepest.entries.flags.get('a')).toEqual(nested(100));
  });

  it('is never walked deeper than that, however deep it is', () => {
    const { key, version, digest } = flag('a');
    const bomb = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
    const admission = admit([{ key, version, digest, bomb }, flag('other')]);
    expect(verdict(admission)).toEqual([['LIMIT'], ['a']]);
    expect(admission.ok && admission.entries.flags.get('a')).toEqual({ key, version, digest });
  });

  it.each([
    ['null', null],
    ['a text', 'flag'],
    ['a list', []],
    ['without a header', { enabled: true }],
  ])('may hold an entry that is %s: it is set aside', (_name, entry) => {
    const admission = admit([entry, flag('other')]);
    expect(admission.ok && [...admission.entries.flags.values()]).toEqual([{}, flag('other')]);
    expect(admission.ok && admission.doubts.length).toBe(1);
  });

  it('is doubted once, not at every change of something else', () => {
    const ingress = createIngress('here');
    const flags = new Map<string, unknown>([['a', { ...flag('a'), enabled: false }]]);
    const segments = new Map<string, unknown>();
    const doubts = (): number => {
      const admission = ingress.admit({ flags: new Map(flags), segments });
      return admission.ok ? admission.doubts.length : -1;
    };
    expect([doubts(), doubts()]).toEqual([1, 0]);
    flags.set('b', { ...flag('b'), enabled: false });
    expect([doubts(), doubts()]).toEqual([1, 0]);
  });
});

describe('too many flags', () => {
  const tooMany = ruleset(1, manyFlags(10_001));

  /** A relay on this source, and the problems that it told of. */
  async function begin(options: Partial<RelayOptions> & { readonly source: Source }) {
    const problems: string[] = [];
    const log = { info: () => {}, warn: (_: object, text: string) => void problems.push(text), error: () => {} };
    const onBrokenSource: RelayOptions['onBrokenSource'] = (all) => problems.push(...all.map(({ message }) => message));
    const { relay, get } = await start({ ...options, log, onBrokenSource });
    return { relay, get, problems };
  }

  it('from an upstream are not taken; what was held is served on, and what comes when they are fewer', async () => {
    const source = memorySource(ruleset(1, manyFlags(9_999)));
    const first = await start({ source });
    const region = await begin({ source: upstreamSource({ url: first.relay.url, key: KEY, settleMs: 10 }) });
    await region.relay.ready;
    const version = async (): Promise<string | undefined> =>
      (await region.get('/v1/snapshot')).headers.get('etag')?.split('.')[1];
    source.apply({ version: 2, flags: { x: flag('x', 2), y: flag('y', 2) } });
    await until(() => region.problems.some((text) => text.includes('10001 flags')));
    expect(await version()).toBe('1');
    expect(await (await region.get('/readyz')).json()).toMatchObject({ status: 'ready', stale: true });
    source.apply({ version: 3, flags: { y: null } });
    await expect.poll(version).toBe('3');
  }, 20_000);

  it('in a snapshot or a saved answer are not taken, and the log or the error says why', async () => {
    const snapshot = join(await directory(), 'kept.json');
    const origin = await start({ source: memorySource(tooMany), snapshot });
    await origin.relay.close();
    const silent: Source = { start: async () => {}, refresh: async () => {}, stop: async () => {} };
    const { get, problems } = await begin({ source: silent, snapshot });
    expect(problems.join()).toContain('10001 flags');
    expect((await get('/readyz')).status).toBe(503);
    const answer = join(await directory(), 'answer.json');
    const { epoch, version, ...rest } = tooMany;
    const data = { position: `${epoch}.${version}.00000000`, reason: 'initial', ruleset: { epoch, version, ...rest } };
    await writeFile(answer, JSON.stringify({ event: 'FULL_SYNC', data }));
    for (const path of [snapshot, answer]) {
      const relay = createRelay({ source: archiveSource(path), keys: [KEY] });
      await expect(relay).rejects.toMatchObject({ code: 'INVALID_SOURCE', message: expect.stringContaining('10001') });
    }
  });
});
