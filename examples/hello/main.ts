// `npm start`: a relay on examples/flags.yaml, a service that decides by it, a table that follows every edit, and a shop to look at.
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Shop } from '@flags-internal/example-react-ssr';
import { type FileProblem, formatProblem } from '@flags/config';
import { RelayError } from '@flags/relay';
import { type Demo, type Frame, startDemo } from './demo.ts';
import { createScreen, roomAbove } from './screen.ts';
import { openShop } from './shop.ts';

const HELP = `Usage: npm start -- [options]

Starts a relay on a flag file, a service that decides by it, and a shop for browsers; shows what the service decides.
Edit the file and watch.

  --flags <file>  the flag file (default: examples/flags.yaml)
  --once          change a copy of examples/flags.yaml, show what changed, and exit
  --help          this text

Environment: PORT decides the relay's port; otherwise 8080 or the next one that is free. SHOP_PORT decides the shop's;
otherwise 3000 or the next one that is free.`;

const SHIPPED = resolve(import.meta.dirname, '../flags.yaml');
// `--once` parks no sale: it starts one.
const EDIT = { before: /(summer-sale:[^]*?enabled: )false/, after: '$1true', flag: 'summer-sale' };
const GIVE_UP_MS = 10_000;
// One Ctrl-C comes from the terminal and again from the program that started this one; a second one ends it at once.
const ONE_PRESS_MS = 300;

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function complaint(file: string, problems: readonly FileProblem[]): string {
  const text = textOf(file);
  const places = problems.map((problem) => formatProblem(problem, problem.file === file ? text : undefined));
  return `The file cannot be used; the last good flags stay in use.\n${places.join('\n')}`;
}

/** The path from here, unless it leads out of here. */
function shortest(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}

function portOf(name: 'PORT' | 'SHOP_PORT'): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RelayError('INVALID_OPTION', `${name} is ${text}; give a number from 0 to 65535.`);
  return port;
}

async function runOnce(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flags-'));
  const file = join(folder, 'flags.yaml');
  let demo: Demo | undefined;
  try {
    await cp(SHIPPED, file);
    let seen: (frame: Frame) => void;
    const changed = new Promise<Frame>((done) => (seen = done));
    const complain = (problems: readonly FileProblem[]): void => console.error(complaint(file, problems));
    demo = await startDemo(file, 0, process.stdout.isTTY, (frame) => seen(frame), complain);
    const room = { columns: roomAbove([]).columns, rows: Infinity };
    console.log(`${demo.first.render(room)}\n\nNow someone enables ${EDIT.flag} and saves the file …\n`);
    await writeFile(file, (await readFile(file, 'utf8')).replace(EDIT.before, EDIT.after));
    const late = new Promise<never>((_, reject) =>
      setTimeout(reject, GIVE_UP_MS, new Error(`The change did not arrive within ${GIVE_UP_MS} ms.`)).unref(),
    );
    const frame = await Promise.race([changed, late]);
    if (!frame.changed.includes(EDIT.flag))
      throw new Error(`${EDIT.flag} did not change; ${frame.changed.join(', ')} did.`);
    console.log(`${frame.render(room)}\n\n${summary(frame)}`);
  } finally {
    await demo?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function summary({ changed, propagationMs }: Frame): string {
  const when = propagationMs === undefined ? 'by the clock' : `${propagationMs.toFixed(0)} ms after the file was saved`;
  return `Changed ${when}: ${changed.join(', ')}`;
}

async function runLive(file: string): Promise<void> {
  const [port, shopPort] = [portOf('PORT'), portOf('SHOP_PORT')];
  console.error('Building the shop …');
  // It brings a bundler, which the rest can do without.
  const { loadShop } = await import('@flags-internal/example-react-ssr');
  const server = await loadShop();
  let shop: Shop | undefined;
  const screen = createScreen(() => {
    const address = shop && `The shop is open: ${shop.url} Look at it in two browsers.\n`;
    return `${address ?? ''}Edit ${file} and save it. Ctrl-C ends.`;
  });
  const demo = await startDemo(
    file,
    port,
    process.stdout.isTTY,
    (frame) => screen.show(frame, summary(frame)),
    (problems) => screen.tell(complaint(file, problems)),
    () => screen.tell('The file is good again.'),
  );
  try {
    shop = await openShop(server, demo, shopPort);
  } catch (error) {
    await demo.close();
    throw error;
  }
  let closingSince: number | undefined;
  const close = (): void => {
    if (closingSince !== undefined) {
      if (performance.now() - closingSince > ONE_PRESS_MS) process.exit(130);
      return;
    }
    closingSince = performance.now();
    console.log('\nSaying goodbye …');
    void Promise.all([shop?.close(), demo.close()]).then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close);
  screen.show(demo.first, `The relay serves ${demo.url}, the service decides for the users above.`);
}

try {
  const options = {
    flags: { type: 'string' },
    once: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else if (values.once && values.flags !== undefined)
    throw new RelayError('INVALID_OPTION', '--once changes a copy of examples/flags.yaml; leave --flags out.');
  else if (values.once) await runOnce();
  else await runLive(shortest(resolve(values.flags ?? SHIPPED)));
} catch (error) {
  // A mistake of the person at the keyboard needs no stack.
  console.error(
    error instanceof RelayError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
      ? (error as Error).message
      : error,
  );
  process.exitCode = 1;
}
