import { builtin } from './builtin.ts';

/** SHA-256 (hex) of bytes, or of a text as UTF-8. */
export function sha256Of(content: Uint8Array | string): string {
  return builtin('node:crypto').createHash('sha256').update(content).digest('hex');
}
