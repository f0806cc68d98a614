import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import type { TransportReceiver } from '@flags/sync';
import { MAX_MESSAGE_LENGTH } from '@flags/sync';
import { builtin } from './builtin.ts';

/** A body on its way. */
export interface BodyReader {
  /** Stops decoding. Nothing is heard after it. */
  close(): void;
}

// A UTF-16 unit takes three bytes at most: nothing that is let through could be read.
const MAX_INFLATED = MAX_MESSAGE_LENGTH * 3;

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => builtin('node:zlib').createGunzip(),
  'x-gzip': () => builtin('node:zlib').createGunzip(),
  deflate: () => builtin('node:zlib').createInflate(),
  br: () => builtin('node:zlib').createBrotliDecompress(),
};

/**
 * Hands on the bytes of a body as they come, decoded. A stream may go on for ever; any other body that inflates to more than
 * a message may hold ends with a problem.
 */
export function createBodyReader(
  response: IncomingMessage,
  encoding: string | undefined,
  isStream: boolean,
  { bytes, end }: Pick<TransportReceiver, 'bytes' | 'end'>,
): BodyReader {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === 'identity' || name === '') {
    response.on('data', bytes);
    response.on('end', () => end());
    return { close: () => {} };
  }
  const createDecoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
  if (createDecoder === undefined) {
    end('the answer is compressed in a way that was not asked for');
    response.destroy();
    return { close: () => {} };
  }
  const decoder = createDecoder();
  const stop = (problem: string): void => {
    end(problem);
    decoder.destroy();
    response.destroy();
  };
  let length = 0;
  decoder.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (isStream || length <= MAX_INFLATED) bytes(chunk);
    else stop(`the answer inflates to more than ${MAX_INFLATED} bytes`);
  });
  decoder.on('end', () => end());
  decoder.on('error', () => stop('the answer is compressed, and damaged'));
  response.on('close', () => {
    if (!response.complete) decoder.destroy();
  });
  response.pipe(decoder);
  return { close: () => void decoder.destroy() };
}
