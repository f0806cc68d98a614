import type { Flag } from '@flags/core';
import type { Position } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import { take, viewOf } from './holder.ts';
import { flag, manyFlags, ruleset, segment } from './ruleset.ts';

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

  it('resumes nothing from before a fork', () => {
    const environment = createEnvironment();
    environment.replace(ruleset(1, manyFlags(10)));
    const { position } = viewOf(environment);
    environment.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    environment.replace(ruleset(2, [...manyFlags(10), flag('other', 2)]));
    expect(viewOf(environment).answer(position)).toMatchObject({ message: { type: 'FULL_SYNC', reason: 'evicted' } });
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
