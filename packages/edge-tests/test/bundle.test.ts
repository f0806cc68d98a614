import { expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';

// The bundler itself fails where something of Node is imported.
test.each([
  ['worker.ts', 'esm'],
  ['edge-light.ts', 'iife'],
] as const)('%s makes no code from text, and has neither WASM nor anything of Node', async (name, format) => {
  const text = await bundle(name, format);
  expect(text).toContain('/v1/snapshot');
  expect(text.match(/\beval\(|new Function|WebAssembly|\brequire\(|["']node:|\bprocess\.|\bBuffer\./g)).toBeNull();
});
