/**
 * Jest's page lacks `TextEncoder` and `TextDecoder`, which browsers and Node have and the client reads its stream with: this gives
 * it some for UTF-8. Where they are, nothing happens.
 */
export function provideTextCodec(): void {
  const scope = globalThis as { TextEncoder?: unknown; TextDecoder?: unknown };
  scope.TextEncoder ??= function TextEncoder() {
    return { encoding: 'utf-8', encode };
  };
  scope.TextDecoder ??= function TextDecoder() {
    return createDecoder();
  };
}

function encode(text = ''): Uint8Array {
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\uFFFD');
  const bytes = encodeURIComponent(wellFormed).match(/%..|./g) ?? [];
  return Uint8Array.from(bytes, (byte) => (byte.length > 1 ? Number.parseInt(byte.slice(1), 16) : byte.charCodeAt(0)));
}

interface Decoder {
  readonly encoding: 'utf-8';
  readonly decode: (bytes?: Uint8Array, options?: { readonly stream?: boolean }) => string;
}

function createDecoder(): Decoder {
  // The beginning of a character whose end is yet to come.
  let rest: readonly number[] = [];
  return {
    encoding: 'utf-8',
    decode: (bytes = new Uint8Array(), { stream = false } = {}) => {
      const all = [...rest, ...bytes];
      const lead = all.map((byte) => byte >= 0xc0).lastIndexOf(true);
      const first = all[lead] ?? 0;
      const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
      const isCut = stream && lead >= 0 && all.length - lead < length;
      rest = isCut ? all.slice(lead) : [];
      return textOf(isCut ? all.slice(0, lead) : all);
    },
  };
}

function textOf(bytes: readonly number[]): string {
  try {
    return decodeURIComponent(bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    // No UTF-8.
    return bytes.map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\uFFFD')).join('');
  }
}
