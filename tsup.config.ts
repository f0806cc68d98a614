import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  readonly tsup?: { readonly entry?: string[]; readonly platform?: 'node' | 'neutral' };
}

// One build for every package: its manifest says which entries it has and whether it may use Node's modules.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

export default defineConfig({
  entry: manifest.tsup?.entry ?? ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: manifest.tsup?.platform ?? 'neutral',
  dts: true,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
});
