declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/** The UTF-8 form of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
