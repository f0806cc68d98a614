import { findHeadPlace } from './head-place.ts';

// What comes before the place, if that is not found sooner; it then goes before the first tag that is not over by then.
const LONGEST_START = 8_192;

/** A page's bytes with a text put into its head, as they come: no more is held back than what stands before it. */
export function injectIntoHead(body: ReadableStream<Uint8Array>, text: string): ReadableStream<Uint8Array> {
  // The identity, so that what follows the place is piped by the runtime itself.
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  void pump(body, writable, new TextEncoder().encode(text));
  return readable;
}

async function pump(
  body: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  text: Uint8Array,
): Promise<void> {
  const reader = body.getReader();
  const writer = writable.getWriter();
  try {
    const held: Uint8Array[] = [];
    let start = '';
    let place: number | undefined;
    let isAll = false;
    while (place === undefined) {
      const { done, value } = await reader.read();
      isAll = done;
      if (value !== undefined) {
        held.push(value);
        start += String.fromCharCode(...value.subarray(0, LONGEST_START));
      }
      place = findHeadPlace(start, done || start.length >= LONGEST_START);
    }
    // How many bytes come before the place; negative once it is behind.
    let left = place;
    for (const bytes of held) {
      if (left >= 0 && left < bytes.length) {
        if (left > 0) await writer.write(bytes.subarray(0, left));
        await writer.write(text);
        await writer.write(bytes.subarray(left));
        left = -1;
      } else {
        await writer.write(bytes);
        if (left >= 0) left -= bytes.length;
      }
    }
    if (left === 0) await writer.write(text);
    reader.releaseLock();
    writer.releaseLock();
    await (isAll ? writable.close() : body.pipeTo(writable));
  } catch (error) {
    // Either side is gone, and the other is told. After the locks were released, both know.
    await Promise.allSettled([reader.cancel(error), writer.abort(error)]);
  }
}
