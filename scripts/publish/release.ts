import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listPublicPackages } from '../workspace/packages.ts';
import { runCommand } from './command.ts';
import { commit, copyWorkspace } from './scratch.ts';

/** A copy of the workspace, and what maintainers do in it to release what it holds. */
export interface Release {
  /** Where the copy is. */
  readonly workspace: string;
  /** Writes a changeset for every public package. */
  change(kind: 'patch' | 'minor' | 'major', text: string): void;
  /** `changeset version`, committed: changesets become versions and changelogs. Answers the version that all packages have. */
  version(): Promise<string>;
  /** Builds again those packages whose code says which version it is; the others are as they were built at `root`. */
  buildVersioned(): Promise<void>;
  /** `changeset publish`. Answers what it said. */
  publish(): Promise<string>;
  /** `npm run release`: builds everything, and publishes. Answers what it said. */
  release(): Promise<string>;
}

/**
 * Copies the workspace at `root` into `folder`, to be published to the registry at `url`, which must be on this machine. No command
 * that runs here can publish anywhere else: none knows another registry, or has a name or token for one.
 */
export async function createRelease(root: string, folder: string, url: string): Promise<Release> {
  const { hostname, host } = new URL(url);
  if (hostname !== '127.0.0.1')
    throw new Error(`${url} is not on this machine: a release is tried on a local registry.`);
  const workspace = join(folder, 'workspace');
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  await copyWorkspace(root, workspace);
  const npmrc = join(home, '.npmrc');
  // A registry that takes all still wants to see some token.
  writeFileSync(npmrc, `registry=${url}\n@flags:registry=${url}\n//${host}/:_authToken=local\n`);
  const who = { NAME: 'Release', EMAIL: 'release@example.com' };
  // No variable of this process but these: some of them may be tokens.
  const env = {
    PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    CI: '1',
    NPM_CONFIG_USERCONFIG: npmrc,
    npm_config_registry: url,
    PNPM_CONFIG_REGISTRY: url,
    TURBO_TELEMETRY_DISABLED: '1',
    ...Object.fromEntries(
      Object.entries(who).flatMap(([key, value]) => ['AUTHOR', 'COMMITTER'].map((of) => [`GIT_${of}_${key}`, value])),
    ),
  };
  const packages = listPublicPackages(root);
  const run = async (command: string, args: readonly string[], cwd = workspace): Promise<string> => {
    const { stdout, stderr } = await runCommand(join(root, 'node_modules/.bin', command), args, { cwd, env });
    return stdout + stderr;
  };
  const checkTarget = async (): Promise<void> => {
    for (const name of ['registry', '@flags:registry']) {
      const target = (await run('pnpm', ['config', 'get', name])).trim();
      if (target !== url) throw new Error(`Nothing was published: ${name} is ${target}, not ${url}.`);
    }
    // These would be believed before anything that is configured here.
    for (const { folder: at, manifest } of listPublicPackages(workspace)) {
      const own = Object.keys(manifest.publishConfig ?? {}).some((name) => name.endsWith('registry'));
      if (own || existsSync(join(workspace, at, '.npmrc')))
        throw new Error(`Nothing was published: ${at} names a registry of its own.`);
    }
  };
  return {
    workspace,
    change(kind, text) {
      const header = packages.map(({ manifest }) => `'${manifest.name}': ${kind}\n`).join('');
      writeFileSync(join(workspace, '.changeset/release-test.md'), `---\n${header}---\n\n${text}\n`);
    },
    async version() {
      await run('changeset', ['version']);
      await commit(workspace, 'Version');
      const versions = new Set(listPublicPackages(workspace).map(({ manifest }) => manifest.version ?? ''));
      const [version = ''] = versions;
      if (versions.size !== 1) throw new Error(`Packages have different versions: ${[...versions].join()}`);
      return version;
    },
    async buildVersioned() {
      for (const { folder: at } of packages.filter((entry) => knowsItsVersion(join(root, entry.folder)))) {
        await run('tsup', ['--config', resolve(workspace, 'tsup.config.ts')], join(workspace, at));
      }
    },
    async publish() {
      await checkTarget();
      return run('changeset', ['publish']);
    },
    async release() {
      await checkTarget();
      return run('node', [join(workspace, 'scripts/release.ts')]);
    },
  };
}

// What bundles its manifest has to be built after the version is known; for the others, what was built before is the same.
function knowsItsVersion(folder: string): boolean {
  return readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .some((file) => readFileSync(join(folder, 'src', file), 'utf8').includes("/package.json' with"));
}
