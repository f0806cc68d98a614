import { createDecoder, MAX_MESSAGE_LENGTH } from '../protocol/event-stream.ts';
import type { ParsedMessage } from '../protocol/reader.ts';
import type { Wire } from './wire.ts';

/** Gathers the body of a poll. */
export interface PollBody {
  /** Takes the next bytes. Answers what is wrong once the body is longer than a message may be. */
  push(bytes: Uint8Array): string | undefined;
  /** Reads what was gathered. Never `unknown`: a poll has to bring rules. */
  end(): Exclude<ParsedMessage, { kind: 'unknown' }>;
}

/** Begins an empty body. */
export function createPollBody(read: Wire['readPoll'], maxLength: number = MAX_MESSAGE_LENGTH): PollBody {
  const decoder = createDecoder();
  const pieces: string[] = [];
  let length = 0;
  return {
    push: (bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      length += text.length;
      if (length > maxLength) return `the snapshot is longer than ${maxLength} characters`;
      pieces.push(text);
      return undefined;
    },
    end: () => {
      const parsed = read(pieces.join('') + decoder.decode());
      return parsed.kind === 'unknown' ? { kind: 'malformed', problem: 'the snapshot is of an unknown kind' } : parsed;
    },
  };
}
