import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConditionalExport, Manifest } from '../workspace/packages.ts';

/** What a published package is held to. */
export interface Expected {
  readonly version: string;
  /** The text of the licence. */
  readonly licence: string;
  /** Where it was built: nothing in it may say so. */
  readonly workspace: string;
}

/** Lists what is wrong with an installed package, whose files are in `folder`, for those who install it. */
export function publishedProblems(folder: string, expected: Expected): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((file) => !file.startsWith('node_modules/'));
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return [
    ...manifestProblems(manifest, expected),
    ...['LICENSE', 'README.md', 'CHANGELOG.md', 'dist/index.js', 'dist/index.cjs', ...named(manifest)]
      .filter((file) => !existsSync(join(folder, file)))
      .map((file) => `${file} is missing`),
    ...files
      .filter((file) =>
        /(?:^|\/)(?:src|tests?|__tests__|node_modules)\/|\.(?:test|spec)\.|\.tsbuildinfo$|\.tgz$/.test(file),
      )
      .map((file) => `${file} is nothing for users`),
    ...files.filter((file) => read(file).includes(expected.workspace)).map((file) => `${file} says where it was built`),
    ...(read('LICENSE') === expected.licence ? [] : ['LICENSE is not that of the workspace']),
    ...(read('CHANGELOG.md').includes(`\n## ${expected.version}\n`)
      ? []
      : ['CHANGELOG.md says nothing of this version']),
    ...files.filter((file) => /\.c?js$/.test(file)).flatMap((file) => mapProblems(file, read, folder)),
  ];
}

function manifestProblems(manifest: Manifest, { version }: Expected): readonly string[] {
  const { scripts: _, ...visible } = manifest;
  const needed = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies };
  return [
    ...(manifest.version === version ? [] : [`version is ${manifest.version}`]),
    ...(manifest.license === 'Apache-2.0' ? [] : [`license is ${manifest.license}`]),
    ...(manifest.publishConfig?.access === 'public' ? [] : ['publishConfig.access is not public']),
    // What built it may name the condition; what resolves imports may not.
    ...(JSON.stringify(visible).includes('@flags/source') ? ['its exports name @flags/source'] : []),
    ...(['preinstall', 'install', 'postinstall', 'prepare'].some((script) => manifest.scripts?.[script])
      ? ['it runs a script where it is installed']
      : []),
    ...(JSON.stringify(visible).includes('workspace:') ? ['it depends on a workspace'] : []),
    ...Object.entries(needed)
      .filter(([name, range]) => name.startsWith('@flags/') && range !== `^${version}`)
      .map(([name, range]) => `it depends on ${name} ${range}`),
  ];
}

// Every file that the manifest sends someone to.
function named({ main, types, bin, exports }: Manifest): readonly string[] {
  const targets = (entry: string | ConditionalExport | undefined): readonly string[] => {
    if (typeof entry === 'string') return [entry];
    return Object.values(entry ?? {}).flatMap((value) => targets(value as string | ConditionalExport));
  };
  return [main, types, ...Object.values(bin ?? {}), ...Object.values(exports ?? {}).flatMap(targets)]
    .filter((file) => file !== undefined)
    .map((file) => file.replace(/^\.\//, ''));
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

// A source map leads to files that are there, or has them in itself.
function mapProblems(file: string, read: (file: string) => string, folder: string): readonly string[] {
  const [, to] = /^\/\/# sourceMappingURL=(\S+)$/m.exec(read(file)) ?? [];
  if (to === undefined) return [];
  const path = join(dirname(file), to);
  if (!existsSync(join(folder, path))) return [`${file} has a source map that is not there`];
  const { sources, sourcesContent } = JSON.parse(read(path)) as SourceMap;
  return sources
    .filter((source, index) => sourcesContent?.[index] == null && !existsSync(join(folder, dirname(path), source)))
    .map((source) => `${path} leads to ${source}, which is not there`);
}
