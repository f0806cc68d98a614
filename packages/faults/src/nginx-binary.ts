import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A program, and the environment it needs. */
export interface Program {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program that loads a module, and where that is. */
export interface ProgramWithModule extends Program {
  readonly module: string;
}

const run = promisify(execFile);
const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache');
const NCHAN = 'usr/lib/nginx/modules/ngx_nchan_module.so';

/**
 * Debian's nginx: the machine's own, or one that is unpacked below `node_modules`. Unpacking and not installing: that needs no
 * root, changes nothing on the machine, and starts no service.
 *
 * @throws when there is none and none can be had, with what apt said.
 */
export async function nginxBinary(): Promise<Program> {
  const own = ownNginx();
  return own === undefined ? unpacked(join(CACHE, 'nginx'), ['nginx']) : { command: own, env: {} };
}

/**
 * The same with nchan, which pushes messages to subscribers. A module fits the nginx that it was built for alone: where the
 * machine has no nchan, both are unpacked.
 *
 * @throws when there is none and none can be had, with what apt said.
 */
export async function nginxWithNchan(): Promise<ProgramWithModule> {
  const [own, module] = [ownNginx(), `/${NCHAN}`];
  if (own !== undefined && existsSync(module)) return { command: own, env: {}, module };
  const folder = join(CACHE, 'nginx-nchan');
  return { ...(await unpacked(folder, ['nginx', 'libnginx-mod-nchan'])), module: join(folder, NCHAN) };
}

function ownNginx(): string | undefined {
  // Debian's place for it is not on everyone's path.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
}

async function unpacked(folder: string, names: readonly string[]): Promise<Program> {
  if (!existsSync(folder)) await unpackInto(folder, names);
  const program = { command: join(folder, 'usr/sbin/nginx'), env: { LD_LIBRARY_PATH: await libraries(folder) } };
  await run(program.command, ['-v'], { env: program.env }).catch((error: unknown) => {
    throw new Error(`nginx in ${folder} does not start. Delete that folder to have it unpacked anew.`, {
      cause: error,
    });
  });
  return program;
}

async function unpackInto(target: string, names: readonly string[]): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(`${target}-`);
  try {
    const packages = join(folder, 'packages');
    await mkdir(packages);
    // As they are on the machine; and where its lists are missing, with lists of our own.
    await download(names, packages, []).catch(async () => {
      const lists = join(folder, 'lists');
      await mkdir(join(lists, 'partial'), { recursive: true });
      const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${folder}`, '-o', 'Debug::NoLocking=1'];
      await apt('apt-get', [...own, '-o', 'APT::Update::Error-Mode=any', 'update'], folder);
      await download(names, packages, own);
    });
    const root = join(folder, 'root');
    for (const file of await readdir(packages)) await run('dpkg-deb', ['-x', join(packages, file), root]);
    // Somebody else may have been faster.
    await rename(root, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } catch (error) {
    // Of a command that ran; empty where there is no apt.
    const { stderr } = error as { readonly stderr?: string };
    const said = stderr || String(error);
    const wanted = names.join(' and ');
    throw new Error(
      `There is no ${wanted}, and it could not be downloaded. Install it: apt-get install ${names.join(' ')}\n${said}`,
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Packages and the libraries they are linked with, but for the system's C library. */
async function download(names: readonly string[], folder: string, options: readonly string[]): Promise<void> {
  const { stdout } = await apt('apt-cache', [...options, 'depends', '--important', ...names], folder);
  const libraries = [...stdout.matchAll(/^ +Depends: ((?:lib|zlib)[\w.+-]*)$/gm)].map(([, name = '']) => name);
  const wanted = new Set([...names, ...libraries.filter((name) => name !== 'libc6')]);
  await apt('apt-get', [...options, '-o', 'APT::Sandbox::User=root', 'download', ...wanted], folder);
}

function apt(command: string, args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  return run(command, ['-q', ...args], { cwd, env: { ...process.env, LC_ALL: 'C' } });
}

/** Every folder that may hold shared libraries: `lib` and `usr/lib`, and one below them for each kind of machine. */
async function libraries(root: string): Promise<string> {
  const folders: string[] = [];
  for (const folder of ['lib', 'usr/lib'].map((name) => join(root, name)).filter((path) => existsSync(path))) {
    for (const name of await readdir(folder)) if (name.includes('-linux-')) folders.push(join(folder, name));
  }
  return folders.join(':');
}
