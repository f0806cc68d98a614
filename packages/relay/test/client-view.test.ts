import type { Flag } from '@flags/core';
import { describe, expect, it } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import { viewOf } from './holder.ts';
import { flag, manyFlags, ruleset, segment } from './ruleset.ts';

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

  it('holds a broken flag as it came, whatever stands where its rules should', () => {
    const environment = createEnvironment();
    const rules = [null, 7, { when: null }] as unknown as Flag['rules'];
    const broken = flag('broken', 1, { ...open, rules });
    environment.replace(ruleset(1, [broken, flag('sound', 1, open)]));
    expect(viewOf(environment, 'client').entries.flags.get('broken')).toBe(broken);
    expect(viewOf(environment, 'client').entries.flags.size).toBe(2);
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
