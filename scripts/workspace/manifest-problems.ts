import { isDeepStrictEqual } from 'node:util';
import { stepProblem } from './floors.ts';
import type { ConditionalExport, Manifest, WorkspacePackage } from './packages.ts';

const owner = '@flags/';

/** Lists what is wrong with the manifest of a workspace package. `has` says whether a file, relative to its folder, exists. */
export function manifestProblems(
  { folder, manifest }: WorkspacePackage,
  has: (file: string) => boolean,
): readonly string[] {
  const problems = [...dependencyProblems(folder, manifest)];
  if (!manifest.private) problems.push(...publicProblems(folder, manifest), ...exportsProblems(manifest, has));
  if (!manifest.private && !has('README.md')) problems.push('README.md is missing');
  return problems;
}

function dependencyProblems(folder: string, manifest: Manifest): readonly string[] {
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
  const problems = Object.entries({ ...peerDependencies, ...optionalDependencies, ...devDependencies, ...dependencies })
    .filter(([name]) => name.startsWith(owner))
    .flatMap(([name, range]) => {
      const linked = range === 'workspace:^' ? undefined : `${name} must be "workspace:^"`;
      return [linked, stepProblem(folder, `packages/${name.slice(owner.length)}`)];
    })
    .filter((problem) => problem !== undefined);
  const needed = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  if (folder === 'packages/core' && needed.length > 0)
    problems.push(`core has no dependency, not even ${needed.join()}`);
  return problems;
}

function publicProblems(folder: string, manifest: Manifest): readonly string[] {
  const expected: readonly (readonly [what: string, holds: boolean])[] = [
    [`name must be "${folder.replace('packages/', owner)}"`, manifest.name === folder.replace('packages/', owner)],
    ['version is missing', manifest.version !== undefined],
    ['description is missing', Boolean(manifest.description)],
    ['license must be "Apache-2.0"', manifest.license === 'Apache-2.0'],
    ['type must be "module"', manifest.type === 'module'],
    ['sideEffects must be false', manifest.sideEffects === false],
    ['engines.node must be ">=20"', manifest.engines?.node === '>=20'],
    [
      'files must be ["CHANGELOG.md", "dist"] and what else is published, without "src"',
      ['CHANGELOG.md', 'dist'].every((file) => manifest.files?.includes(file)) && !manifest.files?.includes('src'),
    ],
    ['publishConfig.access must be "public"', manifest.publishConfig?.access === 'public'],
    ...['build', 'typecheck', 'pack:check'].map(
      (script) => [`script ${script} is missing`, manifest.scripts?.[script] !== undefined] as const,
    ),
  ];
  return expected.filter(([, holds]) => !holds).map(([what]) => what);
}

function exportsProblems(manifest: Manifest, has: (file: string) => boolean): readonly string[] {
  const entries = Object.entries(manifest.exports ?? {});
  const problems = entries.flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : entryProblems(name, entry, has),
  );
  if (typeof manifest.exports?.['.'] !== 'object') problems.push('exports["."] is missing');
  if (manifest.exports?.['./package.json'] !== './package.json') problems.push('exports["./package.json"] is missing');
  if (manifest.main !== './dist/index.cjs') problems.push('main must be "./dist/index.cjs"');
  if (manifest.types !== './dist/index.d.cts') problems.push('types must be "./dist/index.d.cts"');
  const published = Object.fromEntries(entries.map(([name, entry]) => [name, withoutSource(entry)]));
  if (!isDeepStrictEqual(manifest.publishConfig?.exports, published)) {
    problems.push('publishConfig.exports must be exports without "@flags/source"');
  }
  return problems;
}

function entryProblems(name: string, entry: ConditionalExport, has: (file: string) => boolean): readonly string[] {
  const source = entry['@flags/source'];
  const problems: string[] = [];
  if (!source || !has(source)) problems.push(`exports["${name}"]: "@flags/source" must name a file in src`);
  const stem = (source ?? '').replace('./src/', './dist/').replace(/\.tsx?$/, '');
  const built = {
    import: { types: `${stem}.d.ts`, default: `${stem}.js` },
    require: { types: `${stem}.d.cts`, default: `${stem}.cjs` },
  };
  for (const condition of ['import', 'require'] as const) {
    // The order counts: the first condition that matches wins, so types come first.
    if (JSON.stringify(entry[condition]) !== JSON.stringify(built[condition])) {
      problems.push(`exports["${name}"].${condition} must be ${JSON.stringify(built[condition])}`);
    }
  }
  return problems;
}

function withoutSource(entry: string | ConditionalExport): string | ConditionalExport {
  if (typeof entry === 'string') return entry;
  const { '@flags/source': _, ...published } = entry;
  return published;
}
