import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { bundle } from '../bundle.ts';
import type { Runtime } from '../runtime.ts';
import { readAnswer, writeInput } from '../runtime.ts';

interface Exports {
  readonly run?: (input: unknown) => unknown;
}

/** The Node of this process itself: what a program leaves going on ends with it alone. */
export const node: Runtime = {
  name: `node-${process.versions.node.split('.')[0]}`,
  version: async () => process.versions.node,
  load: async (entry) => {
    const code = await bundle(entry, { format: 'cjs', platform: 'node', conditions: ['node'] });
    const module: { exports: Exports } = { exports: {} };
    compileFunction(code, ['module', 'exports', 'require'], { filename: `${entry}.cjs` })(
      module,
      module.exports,
      createRequire(entry),
    );
    const { run } = module.exports;
    if (typeof run !== 'function') throw new Error(`${entry} exports no function run.`);
    return {
      call: async (input) => {
        const value: unknown = await run(JSON.parse(writeInput(input)));
        // As it would cross a border.
        return readAnswer(JSON.stringify({ value }));
      },
      close: async () => {},
    };
  },
};
