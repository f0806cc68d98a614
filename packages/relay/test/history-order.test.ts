import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import { take, viewOf } from './holder.ts';
import { EPOCH, flag, manyFlags, ruleset } from './ruleset.ts';

it('whatever order states arrive in, over epochs and restores, the highest is held, and no client goes back', () => {
  const state = fc.record({ epoch: fc.integer({ min: 0, max: 2 }), version: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(fc.array(state, { minLength: 1, maxLength: 20 }), (arrivals) => {
      const environment = createEnvironment();
      let highest = { epoch: '', version: 0 };
      let client: ReturnType<typeof take> | undefined;
      for (const { epoch: index, version } of arrivals) {
        const epoch = `${EPOCH}${index}`;
        const content = [...manyFlags(9), flag('a', version, { note: `${epoch}.${version}` })];
        const isLower = epoch < highest.epoch || (epoch === highest.epoch && version < highest.version);
        const { kind } = environment.replace(ruleset(version, content, [], epoch));
        expect(kind === 'refused').toBe(isLower);
        if (!isLower) highest = { epoch, version };
        const view = viewOf(environment);
        expect(view.position).toMatchObject(highest);
        client = take(view, client, client?.position);
        expect(client.position).toEqual(view.position);
      }
    }),
  );
});
