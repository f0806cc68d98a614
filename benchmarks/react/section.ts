import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { table } from '../frame/format.ts';
import { versionOf } from '../frame/machine.ts';
import { startWorker } from '../frame/processes.ts';
import type { Goal } from '../frame/goals.ts';
import type { Page, RunOptions, Section } from '../frame/section.ts';
import type { PageCounts } from './page-process.ts';

/** One library's counts. */
export interface ReactRow extends PageCounts {
  readonly name: string;
  readonly version: string;
  readonly role: 'ours' | 'peer';
}

/** Everything that was counted in pages. */
export interface ReactNumbers {
  readonly components: number;
  readonly flags: number;
  readonly rows: readonly ReactRow[];
}

const LIBRARIES: readonly (readonly [name: string, from: string, role: 'ours' | 'peer'])[] = [
  ['@flags/react', '@flags/react', 'ours'],
  ['GrowthBook', '@growthbook/growthbook-react', 'peer'],
  ['LaunchDarkly', '@launchdarkly/react-sdk', 'peer'],
  ['Unleash', '@unleash/proxy-client-react', 'peer'],
];

// Node runs no JSX, which our components are written in; in this package, so that what it depends on is found.
const FOLDER = resolve(import.meta.dirname, '../node_modules/.react');

async function bundlePage(): Promise<string> {
  await build({
    entryPoints: [join(import.meta.dirname, 'page-process.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@flags/source', 'module'],
    external: ['react', 'react-dom', 'jsdom', 'unleash-proxy-client', '@growthbook/*', '@launchdarkly/*', '@unleash/*'],
    jsx: 'automatic',
    // In parts, so that what is imported late is run late.
    splitting: true,
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  });
  return join(FOLDER, 'page-process.mjs');
}

async function run({ isQuick, log }: RunOptions): Promise<ReactNumbers> {
  const [components, flags] = isQuick ? [100, 20] : [1_000, 100];
  log(`${components} components on ${flags} flags`);
  const page = await bundlePage();
  const count = async (name: string): Promise<PageCounts> => {
    const worker = startWorker(page);
    const counts = await worker.ask<PageCounts>({ library: name, components, flags });
    await worker.kill();
    return counts;
  };
  const rows = await Promise.all(
    LIBRARIES.map(async ([name, from, role]) => {
      const version = role === 'ours' ? '' : versionOf(from);
      return { name, version, role, ...(await count(name)) };
    }),
  );
  rmSync(FOLDER, { recursive: true });
  return { components, flags, rows };
}

function render({ components, flags, rows }: ReactNumbers): Page {
  const grouped = (count: number): string => count.toString().replaceAll(/\B(?=(\d{3})+$)/g, ' ');
  const shown = ({ name, version, role }: ReactRow): string => (role === 'ours' ? `**${name}**` : `${name} ${version}`);
  const text = [
    `${grouped(components)} components read one of ${flags} flags each, through each library's hook; one flag changes, which ${components / flags} of
them read. Counts, not times: components that rendered, and commits of React.`,
    table(
      ['one flag changes', 'renders', 'commits', 'renders to mount'],
      rows.map((row) => [shown(row), grouped(row.renders), `${row.commits}`, grouped(row.mounted)]),
    ),
  ].join('\n\n');
  return { text, charts: {}, highlights: [] };
}

function goals({ components, flags, rows }: ReactNumbers): readonly Goal[] {
  const ours = rows.find(({ role }) => role === 'ours');
  return [
    { what: 'components that render', goal: components / flags, measured: ours?.renders ?? Number.NaN, show: String },
    { what: 'commits of React', goal: 1, measured: ours?.commits ?? Number.NaN, show: String },
  ];
}

/** What a change makes React do. */
export const reactSection: Section<ReactNumbers> = {
  name: 'react',
  title: 'Rendering a change',
  what: 'components that render and commits of React when one flag changes',
  run,
  render,
  goals,
};
