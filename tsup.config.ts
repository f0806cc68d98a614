import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

interface Manifest {
  readonly tsup?: {
    readonly entry?: string[];
    readonly platform?: 'node' | 'neutral';
    readonly external?: string[];
    readonly lib?: string;
  };
}

// One build for every package: its manifest says which entries it has, what stays outside of them (as its own name, where entries
// share what there may be one of only), whether it may use Node's modules, and which of TypeScript's libraries its types need of users
// who have not listed it.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

const { lib } = manifest.tsup ?? {};

export default defineConfig({
  entry: manifest.tsup?.entry ?? ['src/index.ts'],
  external: manifest.tsup?.external ?? [],
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: manifest.tsup?.platform ?? 'neutral',
  dts: lib === undefined || { banner: `/// <reference lib="${lib}" />` },
  // What is built is as readable as its source, and maps would be two thirds of what users install.
  sourcemap: false,
  clean: true,
  removeNodeProtocol: false,
});
