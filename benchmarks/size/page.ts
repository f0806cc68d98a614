import { bytes, table } from '../frame/format.ts';
import type { Page } from '../frame/section.ts';
import type { BundleSize } from './bundle.ts';
import type { Footprint } from './footprint.ts';

/** One import of a page. */
export interface PageRow extends BundleSize {
  readonly name: string;
  readonly version: string;
  readonly role: 'ours' | 'peer';
  readonly evaluates: 'local' | 'remote' | 'provider';
  readonly isReact: boolean;
}

/** One package of a server. */
export interface InstallRow extends Footprint {
  readonly name: string;
  readonly version: string;
  readonly role: 'ours' | 'peer';
}

/** Everything that was measured of sizes. */
export interface SizeNumbers {
  readonly pages: readonly PageRow[];
  readonly installs: readonly InstallRow[];
}

const kB = (count: number): string => `${(count / 1_000).toFixed(1)} kB`;
const bold = (row: { readonly name: string; readonly version: string; readonly role: string }): string =>
  row.role === 'ours' ? `**${row.name}**` : `${row.name} ${row.version}`;

/** The tables and the chart of this section. */
export function sizePage({ pages, installs }: SizeNumbers): Page {
  const sorted = pages.toSorted((a, b) => a.gzip - b.gzip);
  const ours = pages.find(({ name }) => name === '@flags/browser');
  const local = sorted.find(({ role, evaluates }) => role === 'peer' && evaluates === 'local');
  const text = [
    'One boolean read as each guide writes it, bundled and minified by esbuild. `local`: the page holds the rules and evaluates; `remote`: it fetches values; `provider`: a further package does either. _bare_ is `createBareClient`, without the parts that `createClient` brings along: the cache of the last visit, one stream for all tabs, exposures.',
    '![Bytes in a page, minified, gzip](results/size.svg)',
    table(
      ['in a page', 'evaluates', 'minified', 'gzip', 'brotli'],
      sorted.map((row) => [
        bold(row),
        `${row.evaluates}${row.isReact ? ', React left out' : ''}`,
        kB(row.minified),
        kB(row.gzip),
        kB(row.brotli),
      ]),
    ),
    'What `npm install` brings: packages with all that they depend on, unpacked, as published.',
    table(
      ['on a server', 'packages', 'unpacked'],
      installs.toSorted((a, b) => a.bytes - b.bytes).map((row) => [bold(row), `${row.packages}`, bytes(row.bytes)]),
    ),
  ].join('\n\n');
  const bars = pages.map(({ name, gzip, role }) => ({ name, value: gzip, label: kB(gzip), role }));
  return {
    text,
    charts: { 'size.svg': { title: 'Bytes in a page: minified, gzip', bars, isLogarithmic: false } },
    highlights: [
      {
        what: 'client for pages that evaluates and streams, minified, gzip',
        ours: ours === undefined ? '–' : kB(ours.gzip),
        others: local === undefined ? '–' : `${kB(local.gzip)}, ${local.name}`,
      },
    ],
  };
}
