// `npm run test:runtimes`: the whole suite in every runtime there is, and the page about it.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { installBrowsers } from '@flags/browser-tests/installed';
import { matrix } from './matrix.ts';
import type { Entry } from './matrix.ts';
import { installPacked, runPacked } from './packed.ts';
import { runtimesPage } from './page.ts';
import type { Result } from './page.ts';
import { problemsOf, runSuite } from './run-suite.ts';
import { commandOf, installRuntimes } from './runtimes/installed.ts';
import { node } from './runtimes/node.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PAGE = 'docs/runtimes.md';
const NAMES = matrix.map(({ runtime }) => runtime.name);

const HELP = `npm run test:runtimes -- [--only <names>]

Runs the conformance suite in every runtime, and writes ${PAGE} when all of them were run. Installs what is missing: other
versions of Node, Deno and Bun below packages/conformance/runtimes, browsers as Debian's packages.

  --only <names>  these alone, with commas between; the page stays as it is
  --help          this text

Runtimes: ${NAMES.join(', ')}
`;

const say = (text: string): void => void process.stdout.write(text);

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  say(`${name} … `);
  const start = performance.now();
  const result = await work();
  say(`ok (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
  return result;
}

async function test(entry: Entry, reference: Result['report'], folder: string | undefined): Promise<Result> {
  const { name } = entry.runtime;
  say(`${name} … `);
  const start = performance.now();
  const problems: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  };
  const version = (await attempt(() => entry.runtime.version())) ?? 'missing';
  const report = problems.length > 0 ? undefined : await attempt(() => runSuite(entry));
  if (report !== undefined) problems.push(...problemsOf(report, reference ?? report));
  const packed =
    entry.package !== 'node' || folder === undefined || version === 'missing'
      ? undefined
      : await attempt(() => runPacked(name, commandOf(name), folder));
  problems.push(...(packed?.failed ?? []).map((failure) => `packed: ${failure.name}: ${failure.problem}`));
  const passed = [...(report?.outcomes ?? []), ...(packed ? [packed] : [])].reduce((sum, one) => sum + one.passed, 0);
  const time = `${version}, ${passed} passed, ${((performance.now() - start) / 1000).toFixed(1)} s`;
  say(problems.length === 0 ? `ok (${time})\n` : `FAILED (${time})\n  ${problems.join('\n  ')}\n`);
  return { entry, version, report, packed, problems };
}

async function main(only: readonly string[]): Promise<boolean> {
  const chosen = matrix.filter(({ runtime }) => only.includes(runtime.name));
  const uses = (name: Entry['package']): boolean => chosen.some((entry) => entry.package === name);
  if (uses('node')) await step('installing runtimes', installRuntimes);
  if (uses('browser')) await step('browsers', installBrowsers);
  const folder = uses('node') ? await mkdtemp(join(tmpdir(), 'flags-runtimes-')) : undefined;
  try {
    if (folder !== undefined) await step('packing and installing @flags/node', () => installPacked(folder));
    // The others have to answer what this one does.
    const ofNode = matrix.find(({ runtime }) => runtime === node) as Entry;
    const reference = await step('what Node answers', () => runSuite(ofNode));
    const results: Result[] = [];
    for (const entry of chosen) results.push(await test(entry, reference, folder));
    if (chosen.length === matrix.length) {
      await writeFile(join(ROOT, PAGE), runtimesPage(results));
      await promisify(execFile)(join(ROOT, 'node_modules/.bin/oxfmt'), [PAGE], { cwd: ROOT });
      say(`${PAGE} is written.\n`);
    }
    const failed = results.filter(({ problems }) => problems.length > 0);
    say(`${results.length - failed.length} passed, ${failed.length} failed\n`);
    return failed.length === 0;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true });
  }
}

try {
  const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
  const only = values.only?.split(',').map((name) => name.trim()) ?? NAMES;
  const unknown = only.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`There is no runtime ${unknown.join(', ')}. There are: ${NAMES.join(', ')}`);
  if (values.help) say(HELP);
  else if (!(await main(only))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
