import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** The browsers that tests run in. */
export type BrowserName = 'chromium' | 'firefox' | 'webkit';

const run = promisify(execFile);

interface Program {
  /** Where it may be. */
  readonly paths: readonly string[];
  /** Debian's package of it. */
  readonly debian: string;
  /** The first version that will do, and how one is told; without it any will. */
  readonly since?: string;
  readonly version?: (path: string, debian: string) => Promise<string>;
}

const BROWSERS: Readonly<Record<BrowserName, Program>> = {
  chromium: {
    paths: ['/usr/bin/chromium', '/usr/bin/google-chrome-stable'],
    debian: 'chromium',
    since: '120',
    version: ownVersion,
  },
  firefox: {
    paths: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
    debian: 'firefox-esr',
    since: '145',
    version: ownVersion,
  },
  // Its driver, which brings the browser along. It does not say its version.
  webkit: { paths: ['/usr/bin/WebKitWebDriver'], debian: 'webkit2gtk-driver', since: '2.50', version: debianVersion },
};

// WebKit has no way to go without a screen.
const SCREEN: Program = { paths: ['/usr/bin/Xvfb'], debian: 'xvfb' };

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
 * The version of a browser, as `156.0.8078.79`.
 *
 * @throws when the machine has none.
 */
export async function browserVersion(name: BrowserName): Promise<string> {
  const { debian, version } = BROWSERS[name];
  const found = await version?.(browserPath(name), debian);
  return /\d+\.[\d.]*\d/.exec(found ?? '')?.[0] ?? 'unknown';
}

/**
 * Installs Debian's packages of the browsers that are missing or too old to be driven; costs a moment when all is well.
 *
 * @throws when that is not possible, with what apt said and what to do.
 */
export async function installBrowsers(): Promise<void> {
  const names: string[] = [];
  for (const program of [...Object.values(BROWSERS), SCREEN])
    if (!(await isAtHand(program))) names.push(program.debian);
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

async function isAtHand({ paths, debian, since, version }: Program): Promise<boolean> {
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) return false;
  if (since === undefined || version === undefined) return true;
  return (await version(path, debian)).localeCompare(since, 'en', { numeric: true }) >= 0;
}

async function ownVersion(path: string): Promise<string> {
  const { stdout } = await run(path, ['--version']);
  return /\d+\.[\d.]*/.exec(stdout)?.[0] ?? '0';
}

async function debianVersion(_path: string, debian: string): Promise<string> {
  // Where another system has put it, it is not known to be recent enough.
  const { stdout } = await run('dpkg-query', ['-W', '-f=${Version}', debian]).catch(() => ({ stdout: '0' }));
  return stdout;
}

function apt(args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-q', ...args], { env, maxBuffer: 64 * 1024 * 1024 });
}
