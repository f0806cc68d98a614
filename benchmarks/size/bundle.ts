import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Entry } from './entries.ts';

/** Bytes of a bundle. */
export interface BundleSize {
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** Bundles an entry for pages as esbuild does by itself, minified for production. */
export async function bundle({ code, isReact }: Entry): Promise<BundleSize> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    // The list replaces the one that esbuild has by itself.
    conditions: ['@flags/source', 'module'],
    define: { 'process.env.NODE_ENV': '"production"' },
    external: isReact ? ['react', 'react-dom', 'react/jsx-runtime'] : [],
    logLevel: 'silent',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    minified: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}
