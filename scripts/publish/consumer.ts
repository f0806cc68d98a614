import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { readExample } from './example.ts';

/** What tests need beside our packages: React is a peer of one of them, and who checks the types of libraries has those of Node and of React. */
export const BESIDE_ALL = ['react@^19', 'react-dom@^19', '@types/react@^19', '@types/node@^20'];

/** Makes an empty project that takes our packages from the local registry; `npmrc` is its line. */
export function createProject(folder: string, npmrc: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.npmrc'), npmrc);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'shop', version: '1.0.0', private: true }));
}

/** Runs npm in a project; packages of others come from its cache where they are in it. */
export async function npm(folder: string, args: readonly string[]): Promise<string> {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  return (await runCommand('npm', [...args, ...quiet], { cwd: folder })).stdout;
}

/** How a program can ask TypeScript to find modules. */
export const RESOLUTIONS = ['node16', 'bundler'] as const;

/**
 * Checks a program that imports these entries and uses nothing of them, as an ES module and (where modules are those of Node) as
 * CommonJS, with the types of libraries checked too. Throws with what the compiler says.
 */
export async function checkTypes(
  root: string,
  folder: string,
  resolution: (typeof RESOLUTIONS)[number],
  entries: readonly string[],
  more: readonly string[] = [],
): Promise<void> {
  const name = `types-${resolution}`;
  const endings = resolution === 'bundler' ? ['ts'] : ['mts', 'cts'];
  const lines = entries.map((entry, index) => `import * as n${index} from '${entry}';\nvoid n${index};\n`).join('');
  for (const ending of endings) writeFileSync(join(folder, `${name}.${ending}`), lines);
  const module = resolution === 'bundler' ? 'esnext' : resolution;
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', module, '--target', 'es2022'];
  const files = endings.map((ending) => `${name}.${ending}`);
  const all = [...options, '--moduleResolution', resolution, ...more, '--ignoreConfig', ...files];
  await runCommand(join(root, 'node_modules/.bin/tsc'), all, { cwd: folder });
}

/** Runs the example of a README in a project, as an ES module and as CommonJS, and throws unless it prints what stands beside it. */
export async function runExample(
  folder: string,
  readme: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const example = readExample(readme);
  const programs = { 'example.mjs': example.module, 'example.cjs': example.commonJs };
  const [binary = '', ...args] = command;
  for (const [file, code] of Object.entries(programs)) {
    writeFileSync(join(folder, file), code);
    const { stdout, stderr } = await runCommand(binary, [...args, file], { cwd: folder, env });
    const printed = stdout.split('\n').filter(Boolean).join('\n');
    if (printed !== example.prints.join('\n') || stderr !== '') {
      throw new Error(`${file} printed\n${stdout}${stderr}\nand not\n${example.prints.join('\n')}`);
    }
  }
}
