import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';

/** What a user imports, and what is left out to see what it costs. */
export interface Measurement {
  /** The absolute path of the package's folder. */
  readonly folder: string;
  /** Named imports by entry, relative to the folder: `{ 'src/index.ts': ['evaluate'] }`; `['*']` for all. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** Names of source files that are replaced by empty ones: `['pattern.ts']`. */
  readonly without?: readonly string[];
}

/** Bytes of the named imports and all they need: bundled and minified by esbuild, then gzip. Node's own modules and React count nothing. */
export async function measure({ folder, imports, without = [] }: Measurement): Promise<number> {
  const contents = Object.entries(imports)
    .map(([entry, names]) => `export ${names[0] === '*' ? '*' : `{ ${names.join(', ')} }`} from './${entry}';`)
    .join('\n');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['@flags/source'],
    external: ['node:*', 'react', 'react-dom'],
    logLevel: 'silent',
    plugins: [leaveOut(without)],
  });
  return outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).length, 0);
}

// An empty file keeps the names it exported, so that what imports it still builds; `let`, so that nothing is folded at the call.
function leaveOut(files: readonly string[]): Plugin {
  return {
    name: 'leave-out',
    setup(bundler) {
      bundler.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!files.includes(basename(path))) return undefined;
        const declared = readFileSync(path, 'utf8').matchAll(/^export (?:function\*?|const|let|class) (\w+)/gm);
        return { contents: [...declared].map(([, name]) => `export let ${name};`).join('\n'), loader: 'ts' };
      });
    },
  };
}
