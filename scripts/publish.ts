// `npm run test:publish`: a release as maintainers make it, to a registry of this machine, and what those get who install and update it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commandOf, installRuntimes } from '../packages/conformance/src/runtimes/installed.ts';
import { BESIDE_ALL, RESOLUTIONS, checkTypes, createProject, npm, runExample } from './publish/consumer.ts';
import { publishedProblems } from './publish/inspect.ts';
import { packageManagers } from './publish/package-managers.ts';
import { startRegistry } from './publish/registry.ts';
import { createRelease } from './publish/release.ts';
import { startRelay } from './publish/relay.ts';
import { listPublicPackages } from './workspace/packages.ts';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'flags-publish-'));
const packages = listPublicPackages(root).map((entry) => ({ ...entry, name: entry.manifest.name ?? entry.folder }));
const names = packages.map(({ name }) => name);
const ends: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

async function step<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const start = performance.now();
  process.stdout.write(`${name} … `);
  try {
    const result = await work();
    process.stdout.write(`ok (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
    return result;
  } catch (error) {
    process.stdout.write('FAILED\n');
    throw error;
  }
}

async function refused(work: () => Promise<unknown>, why: string): Promise<void> {
  const said = await work().then(
    () => 'nothing',
    (error: unknown) => String(error),
  );
  if (!said.includes(why)) throw new Error(`It was not refused with "${why}", but said: ${said}`);
}

const installedVersion = (project: string, name: string): unknown =>
  (JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8')) as { version?: unknown })
    .version;

async function checkRelease(): Promise<void> {
  await step('Deno and Bun', installRuntimes);
  const registry = await step('a registry on this machine', () => startRegistry(root, join(folder, 'registry')));
  ends.unshift(registry.stop);
  const release = await step('a copy of the workspace', () => createRelease(root, folder, registry.url));
  release.change('minor', 'What comes next.');
  await step('no release of changes that are in no version', () => refused(release.release, 'npm run version'));
  const version = await step('versions and changelogs', release.version);
  await step(`build and publish ${version}`, release.release);
  await step('publish once more, which does nothing', async () => {
    const said = await release.publish();
    if (!said.includes('No unpublished projects')) throw new Error(said);
  });

  const user = join(folder, 'npm');
  createProject(user, registry.npmrc);
  await step('npm install, every package', () => npm(user, ['install', ...names, ...BESIDE_ALL]));
  await step('what the packages hold', () => {
    const expected = { version, licence: readFileSync(join(root, 'LICENSE'), 'utf8'), workspace: folder };
    const problems = names.flatMap((name) =>
      publishedProblems(join(user, 'node_modules', name), expected).map((problem) => `${name}: ${problem}`),
    );
    if (problems.length > 0) throw new Error(problems.join('\n'));
  });
  const relay = await startRelay(user, process.execPath);
  ends.unshift(relay.stop);
  const env = { ...process.env, FLAGS_URL: relay.url, FLAGS_KEY: relay.key };
  for (const { name, folder: at } of packages) {
    const readme = readFileSync(join(root, at, 'README.md'), 'utf8');
    await step(`the example of ${name}`, () => runExample(user, readme, [process.execPath], env));
  }
  const entries = packages.flatMap(({ name, manifest }) =>
    Object.entries(manifest.exports ?? {}).flatMap(([at, entry]) =>
      typeof entry === 'string' ? [] : name + at.slice(1),
    ),
  );
  for (const resolution of RESOLUTIONS) {
    await step(`types by ${resolution}`, () => checkTypes(root, user, resolution, entries));
  }

  const readme = readFileSync(join(root, 'packages/node/README.md'), 'utf8');
  for (const { name, add, run, env: own, checkTypes: check } of packageManagers(root, folder, commandOf)) {
    const project = join(folder, name);
    createProject(project, registry.npmrc);
    await step(`${name} add`, () => add(project, '@flags/node'));
    await step(`the example of @flags/node with ${name}`, () =>
      runExample(project, readme, run, { ...own, FLAGS_URL: relay.url, FLAGS_KEY: relay.key }),
    );
    await step(`types with ${name}`, () => check(project, '@flags/node'));
  }

  const next = await step('the next release: versions', () => {
    release.change('patch', 'Mended.');
    return release.version();
  });
  await step(`build ${next}`, release.buildVersioned);
  await step('publish', release.publish);
  await step('npm update', async () => {
    await npm(user, ['update']);
    const old = names.filter((name) => installedVersion(user, name) !== next);
    if (old.length > 0) throw new Error(`Not ${next} after npm update: ${old.join()}`);
  });
}

try {
  await checkRelease();
  process.stdout.write('A release would work.\n');
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  for (const end of ends) await end();
}
