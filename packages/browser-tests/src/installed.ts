import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** The browsers that tests run in. */
export type BrowserName = 'chromium' | 'firefox';

const run = promisify(execFile);

const BROWSERS: Readonly<
  Record<BrowserName, { readonly paths: readonly string[]; readonly debian: string; readonly since: number }>
> = {
  chromium: { paths: ['/usr/bin/chromium', '/usr/bin/google-chrome-stable'], debian: 'chromium', since: 120 },
  firefox: { paths: ['/usr/bin/firefox-esr', '/usr/bin/firefox'], debian: 'firefox-esr', since: 145 },
};

/**
 * The program of a browser.
 *
 * @throws when the machine has none.
 */
export function browserPath(name: BrowserName): string {
  const found = BROWSERS[name].paths.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`There is no ${name} here. Install it: apt-get install ${BROWSERS[name].debian}`);
  return found;
}

/**
 * Installs Debian's packages of the browsers that are missing or too old to be driven; costs a moment when all is well.
 *
 * @throws when that is not possible, with what apt said and what to do.
 */
export async function installBrowsers(): Promise<void> {
  const names: string[] = [];
  for (const { paths, debian, since } of Object.values(BROWSERS)) {
    const path = paths.find((candidate) => existsSync(candidate));
    if (path === undefined || (await majorOf(path)) < since) names.push(debian);
  }
  if (names.length === 0) return;
  try {
    // The lists may be missing, or name versions that are too old.
    await apt(['update']);
    await apt(['-y', '-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends', 'install', ...names]);
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    const fix = `apt-get update && apt-get install ${names.join(' ')}`;
    throw new Error(`The tests in browsers need ${names.join(' and ')}. As root: ${fix}\n${said}`, { cause: error });
  }
}

async function majorOf(path: string): Promise<number> {
  const { stdout } = await run(path, ['--version']);
  return Number(/(\d+)\./.exec(stdout)?.[1] ?? 0);
}

function apt(args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-q', ...args], { env, maxBuffer: 64 * 1024 * 1024 });
}
