import { expect, it } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import type { Answer } from '../src/view.ts';
import { viewOf } from './holder.ts';
import { flag, ruleset } from './ruleset.ts';

it('keeps no more deltas than the flags themselves take, from however many positions they are asked for', () => {
  const environment = createEnvironment();
  const note = 'x'.repeat(20_000);
  environment.replace(
    ruleset(
      1,
      Array.from({ length: 100 }, (_, index) => flag(`f${index}`, 1, { note })),
    ),
  );
  const view = viewOf(environment);
  const positions = [view.position];
  for (let version = 2; version <= 41; version += 1) {
    const key = `f${version}`;
    environment.apply({ version, flags: { [key]: flag(key, version, { note }) } });
    positions.push(view.position);
  }
  // A position as a request brings it: the same text, another object.
  const ask = (): Answer[] => positions.map((position) => view.answer({ ...position }));
  const first = ask();
  const second = ask();
  const kept = second.filter((answer, index) => answer.kind === 'message' && answer === first[index]);
  expect(kept.length).toBeLessThan(20);
  const [oldest] = positions;
  expect(oldest && view.answer({ ...oldest })).toBe(oldest && view.answer({ ...oldest }));
});
