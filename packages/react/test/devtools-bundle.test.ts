// @vitest-environment node
import { build } from 'esbuild';
import type { Metafile } from 'esbuild';
import { expect, test } from 'vitest';

/** Which sources a build of an app holds, by chunk: what a page loads at once is in the first. */
async function chunksOf(app: string, mode: 'development' | 'production'): Promise<readonly (readonly string[])[]> {
  const { metafile } = await build({
    stdin: { contents: app, resolveDir: import.meta.dirname, loader: 'tsx' },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: '/',
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    conditions: ['@flags/source'],
    define: { 'process.env.NODE_ENV': JSON.stringify(mode) },
    external: ['react', 'react/*', 'react-dom', 'react-dom/*'],
  });
  const outputs: readonly Metafile['outputs'][string][] = Object.values(metafile.outputs);
  // What the first chunk imports at once comes with it.
  const entry = outputs.find(({ entryPoint }) => entryPoint === '<stdin>');
  const first = [
    entry,
    ...(entry?.imports ?? [])
      .filter(({ kind }) => kind === 'import-statement')
      .map(({ path }) => metafile.outputs[path]),
  ];
  const sources = (from: readonly (Metafile['outputs'][string] | undefined)[]): readonly string[] =>
    from.flatMap((output) =>
      Object.entries(output?.inputs ?? {})
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([path]) => path),
    );
  return [sources(first), sources(outputs.filter((output) => !first.includes(output)))];
}

const app = `
  import { lazy, Suspense } from 'react';
  import { FlagProvider, useFlag } from '@flags/react';
  const FlagDevtools = lazy(async () => ({ default: (await import('@flags/react/devtools')).FlagDevtools }));
  export const App = () => <FlagProvider>{useFlag('a', 1)}<Suspense><FlagDevtools /></Suspense></FlagProvider>;`;
const onlyInDevelopment = app.replace('lazy(async', `process.env.NODE_ENV === 'production' ? () => null : lazy(async`);
const without = `export { FlagProvider, useFlag } from '@flags/react';`;
const ofTools = /devtools|explain|trace/;

test('what imports no devtools has nothing of them', async () => {
  const [first = [], later] = await chunksOf(without, 'production');
  expect(first.filter((path) => path.includes('src/provider.tsx'))).toHaveLength(1);
  expect(first.filter((path) => ofTools.test(path))).toEqual([]);
  expect(later).toEqual([]);
});

test('loaded lazily, they are a file of their own', async () => {
  const [first = [], later = []] = await chunksOf(app, 'production');
  expect(first.filter((path) => ofTools.test(path))).toEqual([]);
  expect(later.filter((path) => /devtools\/panel|core\/src\/explain/.test(path))).toHaveLength(2);
});

test('left out of production, they are in no file of it', async () => {
  expect(await chunksOf(onlyInDevelopment, 'production')).toEqual([
    await chunksOf(without, 'production').then(([first]) => expect.arrayContaining([...(first ?? [])])),
    [],
  ]);
  const [, later = []] = await chunksOf(onlyInDevelopment, 'development');
  expect(later.some((path) => path.includes('devtools/panel'))).toBe(true);
});
