import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { RESOLUTIONS, checkTypes } from './consumer.ts';

/** A package manager other than npm, and what runs beside it. */
export interface PackageManager {
  readonly name: string;
  /** Adds a package of ours to a project. */
  add(project: string, name: string): Promise<unknown>;
  /** The command that runs the file which is named after it. */
  readonly run: readonly [binary: string, ...args: string[]];
  /** Its environment: caches of its own, so that nothing of a trial stays on the machine. */
  readonly env: NodeJS.ProcessEnv;
  /** Checks the types of a package in a project, or throws with what the checker said. */
  checkTypes(project: string, name: string): Promise<unknown>;
}

/**
 * pnpm, Bun and Deno, each as a user has it, but that pnpm and Deno also take packages which are younger than a day. `folder` is for
 * their caches; `commandOf` says where Bun and Deno are.
 */
export function packageManagers(
  root: string,
  folder: string,
  commandOf: (runtime: 'bun' | 'deno') => readonly [path: string, ...args: string[]],
): readonly PackageManager[] {
  const env = {
    ...process.env,
    PNPM_CONFIG_STORE_DIR: join(folder, 'pnpm-store'),
    PNPM_CONFIG_MINIMUM_RELEASE_AGE: '0',
    BUN_INSTALL_CACHE_DIR: join(folder, 'bun-cache'),
    DENO_DIR: join(folder, 'deno-cache'),
    DENO_NO_UPDATE_CHECK: '1',
    // Whom the machine trusts, as npm does where its `cafile` says so: Deno has authorities of its own.
    DENO_TLS_CA_STORE: 'system,mozilla',
  };
  const pnpm = join(root, 'node_modules/.bin/pnpm');
  const [bun] = commandOf('bun');
  const [deno] = commandOf('deno');
  const checkWithTsc = async (project: string, name: string): Promise<void> => {
    for (const resolution of RESOLUTIONS) await checkTypes(root, project, resolution, [name]);
  };
  const anyAge = '--min-dep-age=0';
  return [
    {
      name: 'pnpm',
      add: (project, name) => runCommand(pnpm, ['add', name], { cwd: project, env }),
      run: [process.execPath],
      env,
      checkTypes: checkWithTsc,
    },
    {
      name: 'bun',
      add: (project, name) => runCommand(bun, ['add', name], { cwd: project, env }),
      run: [bun, 'run'],
      env,
      checkTypes: checkWithTsc,
    },
    {
      name: 'deno',
      add: (project, name) => runCommand(deno, ['add', anyAge, `npm:${name}`], { cwd: project, env }),
      run: [deno, 'run', '--quiet', '--allow-all', anyAge],
      env,
      checkTypes: (project, name) => {
        writeFileSync(join(project, 'types.ts'), `import * as all from '${name}';\nvoid all;\n`);
        return runCommand(deno, ['check', '--quiet', anyAge, 'types.ts'], { cwd: project, env });
      },
    },
  ];
}
