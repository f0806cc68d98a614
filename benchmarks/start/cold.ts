import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { importAdapter } from '../evaluate/adapters.ts';
import { mixedEnvironment } from '../evaluate/workloads.ts';

const BENCHMARKS = resolve(import.meta.dirname, '..');
// Below this package, so that what it depends on is found; nothing in it is kept.
const FOLDER = join(BENCHMARKS, 'node_modules/.cold');

const program = (adapter: string, payload: string): string => `
import { readFileSync } from 'node:fs';
import { adapter } from '${join(BENCHMARKS, 'evaluate/adapters', adapter)}.ts';
const engine = await adapter.load(readFileSync('${payload}', 'utf8'));
const user = { key: 'user-000017', country: 'GB', plan: 'enterprise', email: 'a@b.example', age: 35, version: '2.4.3' };
if ((await engine.boolean('flag-1', engine.context(user))) !== true) throw new Error('wrong answer');
process.stdout.write(String(performance.now()), () => process.exit(0));
`;

/** A plain program, since a TypeScript one would be translated at each start. */
async function write(adapter: string): Promise<string> {
  const payload = join(FOLDER, `${adapter}.json`);
  writeFileSync(payload, (await importAdapter(adapter)).payload(mixedEnvironment(100)));
  const outfile = join(FOLDER, `${adapter}.mjs`);
  await build({
    stdin: { contents: program(adapter, payload), resolveDir: FOLDER, loader: 'ts' },
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

/**
 * Milliseconds from the start of a process to the first answer from 100 flags, so many times for each adapter in turns; by
 * `bare`, to the first line of a program that imports nothing.
 *
 * @param conditions What our packages are resolved by: nothing for what is built.
 */
export async function coldStarts(
  adapters: readonly string[],
  rounds: number,
  conditions: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  mkdirSync(FOLDER, { recursive: true });
  try {
    const bare = join(FOLDER, 'bare.mjs');
    writeFileSync(bare, 'process.stdout.write(String(performance.now()), () => process.exit(0));\n');
    const files = new Map([['bare', bare]]);
    for (const adapter of adapters) files.set(adapter, await write(adapter));
    const took = new Map<string, number[]>([...files.keys()].map((name) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, file] of files) {
        const flags = conditions.map((condition) => `--conditions=${condition}`);
        const printed = execFileSync(process.execPath, [...flags, '--no-warnings', file], { encoding: 'utf8' });
        took.get(name)?.push(Number(printed));
      }
    }
    return took;
  } finally {
    rmSync(FOLDER, { recursive: true });
  }
}
