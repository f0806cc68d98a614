import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../bundle.ts';
import type { Runtime } from '../runtime.ts';
import { ANSWER, readAnswer, writeInput } from '../runtime.ts';

// Gives whole lines. Not with `readline`, for which U+2028, which JSON may have, ends a line.
function createLines(take: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
}

// A line for each call and each answer: its number, a space, JSON. What the program writes itself goes to standard error.
const HOST = `import process from 'node:process';
import program from './program.cjs';
${ANSWER}
if (typeof program.run !== 'function') throw new Error('The program exports no function run.');
for (const name of ['log', 'info', 'debug']) console[name] = console.error;
const createLines = ${createLines.toString()};
const take = async (line) => {
  const space = line.indexOf(' ');
  process.stdout.write(line.slice(0, space) + ' ' + (await answer(program.run, line.slice(space + 1))) + '\\n');
};
process.stdout.write('ready\\n');
process.stdin.setEncoding('utf8').on('data', createLines(take)).on('end', () => process.exit());
`;

const execute = promisify(execFile);

/**
 * A runtime that is a program of its own and knows Node's modules.
 *
 * @param command Gives its path and arguments; those of the program come after them.
 */
export function processRuntime(name: string, command: () => readonly [path: string, ...args: string[]]): Runtime {
  return {
    name,
    version: async () => {
      const { stdout } = await execute(command()[0], ['--version']);
      return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'unknown';
    },
    load: async (entry) => {
      const [path, ...args] = command();
      const folder = await mkdtemp(join(tmpdir(), 'flags-conformance-'));
      const program = await bundle(entry, { format: 'cjs', platform: 'node', conditions: ['node'] });
      await writeFile(join(folder, 'program.cjs'), program);
      await writeFile(join(folder, 'host.mjs'), HOST);
      const child = spawn(path, [...args, join(folder, 'host.mjs')], { cwd: folder, stdio: 'pipe' });
      const ended = once(child, 'close');
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4_000);
      });
      const waiting = new Map<string, (text: string | Error) => void>();
      const over = (why: string): void => {
        for (const tell of waiting.values()) tell(new Error(`${name} ${why}. ${said}`.trimEnd()));
        waiting.clear();
      };
      child.on('error', (error) => over(`did not start: ${error.message}`));
      child.on('close', (code, signal) => over(`ended with ${code ?? signal}`));
      // What is written to a program that has ended is told by its end.
      child.stdin.on('error', () => {});
      const take = (line: string): void => {
        const space = line.indexOf(' ');
        const number = space < 0 ? line : line.slice(0, space);
        waiting.get(number)?.(line.slice(space + 1));
        waiting.delete(number);
      };
      child.stdout.setEncoding('utf8').on('data', createLines(take));
      const answerTo = (number: string): Promise<string> =>
        new Promise((resolve, reject) => {
          waiting.set(number, (given) => (given instanceof Error ? reject(given) : resolve(given)));
        });
      const close = async (): Promise<void> => {
        child.stdin.end();
        const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await ended.catch(() => {});
        clearTimeout(kill);
        await rm(folder, { recursive: true });
      };
      await answerTo('ready').catch(async (error: unknown) => {
        await close();
        throw error;
      });
      let calls = 0;
      return {
        call: async (input) => {
          const number = String(++calls);
          const answer = answerTo(number);
          child.stdin.write(`${number} ${writeInput(input)}\n`);
          return readAnswer(await answer);
        },
        close,
      };
    },
  };
}
