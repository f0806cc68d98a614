import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  readonly tsup?: { readonly entry?: string[]; readonly platform?: 'node' | 'neutral'; readonly external?: string[] };
}

// One build for every package: its manifest says which entries it has, what stays outside of them (as its own name, where entries
// share what there may be one of only) and whether it may use Node's modules.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

export default defineConfig({
  entry: manifest.tsup?.entry ?? ['src/index.ts'],
  external: manifest.tsup?.external ?? [],
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: manifest.tsup?.platform ?? 'neutral',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
});
