import { compileRuleset } from '@flags/core';
import type { Flag, Ruleset, Segment } from '@flags/core';
import type { HeldState, Position } from '@flags/sync';
import {
  adoptPosition,
  applyDelta,
  comparePositions,
  formatMessage,
  holdRuleset,
  judgeDelta,
  parseMessage,
} from '@flags/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../src/environment.ts';
import { createEnvironment } from '../src/environment.ts';
import type { View, ViewName } from '../src/view.ts';
import { EPOCH, flag, manyFlags, ruleset, segment } from './ruleset.ts';

function viewOf(environment: Environment, name: ViewName = 'server'): View {
  const view = environment.view(name);
  if (view === undefined) throw new Error('there is no ruleset yet');
  return view;
}

/** What a client does with an answer: over the wire, and checked as it checks it. */
function take(view: View, held: HeldState | undefined, since: Position | undefined): HeldState {
  const answer = view.answer(since);
  if (answer.kind !== 'message') {
    if (held === undefined) throw new Error('a client without anything got nothing');
    return answer.kind === 'current' ? adoptPosition(held, view.position) : held;
  }
  const text = formatMessage(answer.message);
  const parsed = parseMessage(answer.message.type, /^data: (.*)$/m.exec(text)?.[1] ?? '');
  if (parsed.kind !== 'message') throw new Error(`not a message: ${parsed.kind}`);
  const { message } = parsed;
  if (message.type === 'FULL_SYNC') return holdRuleset(compileRuleset(message.ruleset), message.position);
  if (message.type !== 'FLAG_UPDATE' && message.type !== 'SEGMENT_UPDATE') throw new Error(`got ${message.type}`);
  expect(held === undefined ? 'gap' : judgeDelta(held.position, message)).toBe('apply');
  if (held === undefined) throw new Error('a delta for a client without anything');
  return applyDelta(held, message);
}

/** All raw entries of a held state. */
function contents(held: HeldState): unknown {
  return [new Map(held.ruleset.flags), new Map(held.ruleset.segments)];
}

describe('environment', () => {
  it('answers a stranger with everything, and a holder of the head with nothing', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, manyFlags(4)));
    const view = viewOf(environment);
    const answer = view.answer(undefined);
    expect(answer).toMatchObject({ kind: 'message', message: { type: 'FULL_SYNC', reason: 'initial' } });
    expect(view.answer({ ...view.position })).toEqual({ kind: 'current' });
  });

  it('answers an earlier position with the head form of what changed, and null for what is gone', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, manyFlags(10)));
    const start = viewOf(environment).position;
    const changed = flag('f1', 2, { enabled: false });
    const after = [...manyFlags(10).filter((one) => one.key !== 'f1' && one.key !== 'f2'), changed];
    environment.replace(ruleset(2, after));
    const answer = viewOf(environment).answer(start);
    expect(answer).toEqual({
      kind: 'message',
      message: {
        type: 'FLAG_UPDATE',
        from: start,
        position: viewOf(environment).position,
        flags: Object.assign(Object.create(null), { f1: changed, f2: null }),
      },
    });
  });

  it('names a change of segments alone SEGMENT_UPDATE, and puts both into one message otherwise', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, manyFlags(10), [segment('s')]));
    const start = viewOf(environment).position;
    environment.apply({ version: 2, segments: { s: segment('s', 2, { include: ['u'] }) } });
    expect(viewOf(environment).answer(start)).toMatchObject({ message: { type: 'SEGMENT_UPDATE' } });
    environment.apply({ version: 3, flags: { f0: flag('f0', 3, { note: 'x' }) } });
    expect(viewOf(environment).answer(start)).toMatchObject({
      message: { type: 'FLAG_UPDATE', flags: { f0: { version: 3 } }, segments: { s: { version: 2 } } },
    });
  });

  it.each([
    ['another epoch', (at: Position) => ({ ...at, epoch: '01aaaaaaaaaaaaaa' }), 'epoch'],
    ['another hash of the same version', (at: Position) => ({ ...at, hash: '00000000' }), 'fork'],
    ['a version before the log', (at: Position) => ({ ...at, version: at.version - 1, hash: '00000000' }), 'evicted'],
  ])('answers %s with everything', (_name, change, reason) => {
    const environment = createEnvironment();
    environment.replace(ruleset(5, manyFlags(4)));
    const view = viewOf(environment);
    expect(view.answer(change(view.position))).toMatchObject({ message: { type: 'FULL_SYNC', reason } });
  });

  it.each([
    ['version', (at: Position) => ({ ...at, version: at.version + 1 })],
    ['epoch', (at: Position) => ({ ...at, epoch: 'zz' })],
  ])('never sends a client that holds a newer %s back', (_name, change) => {
    const environment = createEnvironment();
    environment.replace(ruleset(5, manyFlags(4)));
    const view = viewOf(environment);
    expect(view.answer(change(view.position))).toEqual({ kind: 'behind' });
  });

  it('sends everything when the delta would be bigger than half of it', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, manyFlags(10)));
    const start = viewOf(environment).position;
    environment.replace(ruleset(2, manyFlags(10, 2)));
    expect(viewOf(environment).answer(start)).toMatchObject({ message: { type: 'FULL_SYNC', reason: 'cheaper' } });
  });

  it('gives all who need the same step the same message', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, manyFlags(10)));
    const start = viewOf(environment).position;
    environment.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    const first = viewOf(environment).answer(start);
    const second = viewOf(environment).answer({ ...start });
    expect(second).toBe(first);
    expect(viewOf(environment).answer(undefined)).toBe(viewOf(environment).answer(undefined));
  });

  it('refuses to go back, and says what to do', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(5, manyFlags(2)));
    const { position } = viewOf(environment);
    for (const older of [ruleset(4, []), ruleset(9, [], [], '01a')]) {
      expect(environment.replace(older)).toMatchObject({
        kind: 'refused',
        hint: expect.stringContaining('new version'),
      });
    }
    expect(environment.replace({ ...ruleset(6, []), environment: 'other' })).toMatchObject({ kind: 'refused' });
    expect(environment.apply({ version: 5 })).toMatchObject({ kind: 'refused' });
    expect(environment.apply({ version: 6, epoch: '01k' })).toMatchObject({ kind: 'refused' });
    expect(viewOf(environment).position).toEqual(position);
  });

  it('takes another content under the same version for a fork, and the same content for no news', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(5, manyFlags(4)));
    const { position } = viewOf(environment);
    expect(environment.replace(ruleset(5, manyFlags(4)))).toEqual({ kind: 'unchanged' });
    expect(environment.replace(ruleset(5, manyFlags(3)))).toMatchObject({ kind: 'committed' });
    expect(viewOf(environment).answer(position)).toMatchObject({ message: { type: 'FULL_SYNC', reason: 'fork' } });
  });

  it('serves flags with any name', () => {
    const environment = createEnvironment();
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    environment.replace(ruleset(1, [...names.map((name) => flag(name)), ...manyFlags(20)]));
    let held = take(viewOf(environment), undefined, undefined);
    expect([...held.ruleset.flags.keys()]).toEqual(expect.arrayContaining(names));
    const changed = Object.create(null) as Record<string, Flag | null>;
    changed['__proto__'] = flag('__proto__', 2, { note: 'new' });
    changed['constructor'] = null;
    environment.apply({ version: 2, flags: changed });
    held = take(viewOf(environment), held, held.position);
    expect(held.position).toEqual(viewOf(environment).position);
    expect(new Map(held.ruleset.flags).get('__proto__')).toMatchObject({ version: 2 });
    expect(held.ruleset.flags.has('constructor')).toBe(false);
  });
});

describe('client view', () => {
  const inSegment = (key: string): Partial<Flag> => ({
    rules: [{ id: 'r', when: { all: [{ not: { any: [{ segment: key }] } }] }, serve: { variation: 'on' } }],
  });
  const open = { client: true };

  it('holds the flags for clients and the segments they reach, the very same entries', () => {
    const environment = createEnvironment();
    const shown = flag('shown', 1, { ...open, ...inSegment('outer') });
    const outer = segment('outer', 1, { ...open, rules: [{ segment: 'inner' }] });
    const inner = segment('inner', 1, { ...open, include: ['u'] });
    const all = ruleset(
      1,
      [shown, flag('hidden', 1, inSegment('secret')), flag('values', 1, { client: 'evaluated' })],
      [outer, inner, segment('secret', 1, open), segment('unused', 1, open)],
    );
    environment.replace(all);
    const { entries } = viewOf(environment, 'client');
    expect([...entries.flags]).toEqual([['shown', shown]]);
    expect(entries.flags.get('shown')).toBe(shown);
    expect(new Set(entries.segments.keys())).toEqual(new Set(['outer', 'inner']));
  });

  it('keeps a private segment private, even when a flag for clients refers to it', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, [flag('shown', 1, { ...open, ...inSegment('secret') })], [segment('secret')]));
    expect(viewOf(environment, 'client').entries.segments.size).toBe(0);
  });

  it('has its own hash, and none of its holders gets anything when a change is not for it', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, [flag('shown', 1, open), ...manyFlags(10)]));
    const client = viewOf(environment, 'client');
    const before = client.position;
    expect(before.hash).not.toBe(viewOf(environment).position.hash);
    environment.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    expect(client.position).toEqual({ ...before, version: 2 });
    expect(client.answer(before)).toEqual({ kind: 'current' });
  });

  it('gives null for a flag that is no longer for clients', () => {
    const environment = createEnvironment();
    const shown = Array.from({ length: 6 }, (_, index) => flag(`c${index}`, 1, open));
    environment.replace(ruleset(1, shown));
    const before = viewOf(environment, 'client').position;
    environment.apply({ version: 2, flags: { c0: flag('c0', 2) } });
    expect(viewOf(environment, 'client').answer(before)).toMatchObject({ message: { flags: { c0: null } } });
  });
});

// A history: what each commit does to six flags and two segments.
const edit = fc.record({
  kind: fc.constantFrom('flag' as const, 'segment' as const),
  index: fc.nat(5),
  form: fc.constantFrom('absent' as const, 'private' as const, 'client' as const),
  note: fc.nat(3).map(String),
});
const commit = fc.record({
  edits: fc.array(edit, { maxLength: 3 }),
  skip: fc.nat(2),
  kind: fc.constantFrom('apply' as const, 'replace' as const, 'replace' as const, 'epoch' as const, 'fork' as const),
});

describe('any client at any position', () => {
  it("is at the head with the head's content and hash after one answer", () => {
    fc.assert(
      fc.property(
        fc.array(commit, { minLength: 1, maxLength: 12 }),
        fc.record({ commits: fc.integer({ min: 1, max: 6 }), keys: fc.integer({ min: 1, max: 12 }) }),
        fc.constantFrom('server' as const, 'client' as const),
        (history, limits, name) => {
          const environment = createEnvironment(limits);
          const flags = new Map<string, Flag>(manyFlags(3).map((one) => [one.key, one]));
          const segments = new Map<string, Segment>();
          let [epoch, version] = [0, 1];
          const current = (): Ruleset =>
            ruleset(version, [...flags.values()], [...segments.values()], `${EPOCH}${epoch}`);
          environment.replace(current());
          const clients: HeldState[] = [take(viewOf(environment, name), undefined, undefined)];
          for (const { edits, skip, kind } of history) {
            if (kind === 'epoch') epoch += 1;
            if (kind !== 'fork') version += 1 + skip;
            const changed = { flags: new Map<string, Flag | null>(), segments: new Map<string, Segment | null>() };
            for (const { kind: what, index, form, note } of edits) {
              const isClient = form === 'client' ? { client: true } : {};
              if (what === 'flag') {
                const key = `f${index}`;
                const rule = { id: 'r', when: { segment: `s${index % 2}` }, serve: { variation: 'on' } };
                const next = form === 'absent' ? null : flag(key, version, { note, ...isClient, rules: [rule] });
                changed.flags.set(key, next);
                if (next === null) flags.delete(key);
                else flags.set(key, next);
              } else {
                const key = `s${index % 2}`;
                const next = form === 'absent' ? null : segment(key, version, { include: [note], ...isClient });
                changed.segments.set(key, next);
                if (next === null) segments.delete(key);
                else segments.set(key, next);
              }
            }
            const outcome =
              kind === 'apply'
                ? environment.apply({
                    version,
                    flags: Object.fromEntries(changed.flags),
                    segments: Object.fromEntries(changed.segments),
                  })
                : environment.replace(current());
            expect(outcome.kind).not.toBe('refused');
            clients.push(take(viewOf(environment, name), undefined, undefined));
          }
          const view = viewOf(environment, name);
          const truth = take(view, undefined, undefined);
          expect(truth.position).toEqual(view.position);
          for (const client of clients) {
            expect(comparePositions(client.position, view.position)).toBeLessThanOrEqual(0);
            const after = take(view, client, client.position);
            expect(after.position).toEqual(view.position);
            expect(contents(after)).toEqual(contents(truth));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
