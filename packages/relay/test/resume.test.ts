import type { Flag, Ruleset, Segment } from '@flags/core';
import type { HeldState } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import { contents, take, viewOf } from './holder.ts';
import { EPOCH, flag, manyFlags, ruleset, segment } from './ruleset.ts';

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
          const environment = createEnvironment({ limits });
          const flags = new Map<string, Flag>(manyFlags(3).map((one) => [one.key, one]));
          const segments = new Map<string, Segment>();
          let [epoch, version] = [0, 1];
          const current = (): Ruleset =>
            ruleset(version, [...flags.values()], [...segments.values()], `${EPOCH}${epoch}`);
          environment.replace(current());
          const clients: HeldState[] = [take(viewOf(environment, name), undefined, undefined)];
          for (const { edits, skip, kind } of history) {
            if (kind === 'epoch') {
              epoch += 1;
              version = 1 + skip;
            } else if (kind !== 'fork') version += 1 + skip;
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
