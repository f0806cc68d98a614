// One build with two outputs: what browsers load, and a server that needs nothing else but Node.
import { resolve } from 'node:path';
import { createBuilder, defaultClientConditions, defaultServerConditions, type InlineConfig } from 'vite';

/** What a build may be told. */
export interface BuildOptions {
  /** Where it goes: `client/` and `server/server.js`. `dist` beside this file when absent. */
  readonly outDir?: string;
  /** React's development build, which says more about mistakes. */
  readonly development?: boolean;
}

// Ours alone: in this repository it leads to the sources of @flags packages. Your project does not need it.
const SOURCE = '@flags/source';

function configOf(outDir: string, development: boolean): InlineConfig {
  return {
    root: import.meta.dirname,
    configFile: false,
    envDir: false,
    logLevel: 'error',
    oxc: { jsx: { runtime: 'automatic', development: false } },
    define: { 'process.env.NODE_ENV': JSON.stringify(development ? 'development' : 'production') },
    build: { minify: !development, emptyOutDir: true },
    environments: {
      client: {
        resolve: { conditions: [SOURCE, ...defaultClientConditions] },
        build: {
          outDir: `${outDir}/client`,
          manifest: 'manifest.json',
          rolldownOptions: { input: 'src/client.tsx' },
        },
      },
      ssr: {
        // One file with all it needs, so that there is one copy of React, and of every @flags package.
        resolve: { conditions: [SOURCE, ...defaultServerConditions], noExternal: true },
        build: { outDir: `${outDir}/server`, ssr: 'src/server.tsx', minify: false },
      },
    },
    builder: {},
  };
}

/** Builds the page and its server; takes about a second. Gives the folder. */
export async function buildShop({ outDir, development = false }: BuildOptions = {}): Promise<string> {
  const folder = resolve(import.meta.dirname, outDir ?? 'dist');
  const builder = await createBuilder(configOf(folder, development));
  await builder.buildApp();
  return folder;
}
