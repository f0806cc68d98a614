import { versionOf } from '../frame/machine.ts';
import type { RunOptions, Section } from '../frame/section.ts';
import { bundle } from './bundle.ts';
import { entries } from './entries.ts';
import { footprint, withPublished } from './footprint.ts';
import type { InstallRow, PageRow, SizeNumbers } from './page.ts';
import { sizeGoals } from './goals.ts';
import { sizePage } from './page.ts';

const OURS = ['@flags/core', '@flags/node', '@flags/browser', '@flags/react', '@flags/relay'] as const;
const SERVERS = [
  'configcat-node',
  '@openfeature/flagd-core',
  '@configcat/sdk',
  '@launchdarkly/node-server-sdk',
  'statsig-node',
  '@eppo/node-server-sdk',
  'flagsmith-nodejs',
  '@growthbook/growthbook',
  '@optimizely/optimizely-sdk',
  'unleash-client',
  '@devcycle/bucketing',
] as const;

async function run({ isQuick, log }: RunOptions): Promise<SizeNumbers> {
  log(`${entries.length} bundles`);
  const pages: PageRow[] = [];
  for (const entry of entries) {
    const { package: name, role, evaluates, isReact = false } = entry;
    const version = role === 'ours' ? '' : versionOf(name);
    pages.push({ name, version, role, evaluates, isReact, ...(await bundle(entry)) });
  }
  log('what is installed');
  const peers: readonly InstallRow[] = SERVERS.map((name) => ({
    name,
    version: versionOf(name),
    role: 'peer',
    ...footprint(name),
  }));
  const count = (published?: ReadonlyMap<string, string>): readonly InstallRow[] =>
    OURS.map((name) => ({ name, version: '', role: 'ours', ...footprint(name, published) }));
  // Packing needs a build, which a quick run does not wait for.
  const ours = isQuick ? count() : await withPublished(count);
  return { pages, installs: [...ours, ...peers] };
}

/** What is loaded, and what is installed. */
export const sizeSection: Section<SizeNumbers> = {
  name: 'size',
  title: 'Size',
  what: 'bytes in a page and on the disk, beside those of others',
  run,
  render: sizePage,
  goals: sizeGoals,
};
