/** Cuts the text of an event stream after whole events, so that others can begin to read there. */
export interface EventBlocks {
  /** Takes the next bytes; gives all whole events that are complete now, or nothing. */
  push(bytes: Uint8Array): string;
}

// As long as a message may be.
const LONGEST = 16 * 1024 * 1024;

/** Begins at the start of a stream. An event without an end is dropped; whoever misses it sees so at the next heartbeat. */
export function createEventBlocks(longest: number = LONGEST): EventBlocks {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let length = 0;
  return {
    push: (bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      // The blank line may have begun in the piece before.
      const last = pieces.at(-1)?.slice(-1) ?? '';
      const cut = (last + text).lastIndexOf('\n\n');
      const end = cut < 0 ? 0 : cut + 2 - last.length;
      if (end <= 0) {
        pieces.push(text);
        length += text.length;
        if (length > longest) {
          pieces = [];
          length = 0;
        }
        return '';
      }
      const whole = pieces.join('') + text.slice(0, end);
      pieces = end < text.length ? [text.slice(end)] : [];
      length = text.length - end;
      return whole;
    },
  };
}
