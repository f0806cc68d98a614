import type { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

type Encoding = 'br' | 'gzip';

/** Below this, what compressing saves is not worth its headers. */
const MIN_BYTES = 1_024;

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);
// In the thread pool. Level 5 is smaller than gzip's best, and takes as long as gzip.
const COMPRESS: Readonly<Record<Encoding, (bytes: Buffer) => Promise<Buffer>>> = {
  br: (bytes) => toBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes) => toGzip(bytes),
};

// Each body is compressed once for each encoding, however many ask at the same time; forgotten with the body.
const compressed = new WeakMap<Buffer, Map<Encoding, Promise<Buffer>>>();

/** Sends a body that many ask for, compressed if the request takes it. The same buffer is compressed once. */
export async function sendCompressed(
  request: FastifyRequest,
  reply: FastifyReply,
  body: Buffer,
): Promise<FastifyReply> {
  reply.type('application/json; charset=utf-8');
  const encoding = body.length < MIN_BYTES ? undefined : encodingOf(request.headers['accept-encoding']);
  if (encoding === undefined) return reply.send(body);
  const known = compressed.get(body) ?? new Map<Encoding, Promise<Buffer>>();
  compressed.set(body, known);
  const bytes = known.get(encoding) ?? COMPRESS[encoding](body);
  known.set(encoding, bytes);
  return reply.header('content-encoding', encoding).send(await bytes);
}

/**
 * The validator of a body at a position. Whoever takes it as it is gets a strong one. One that may be compressed is weak: the same
 * tag stands for other bytes then, and caches must not take one for the other. RFC 9110, 8.8.3.
 */
export function entityTag(request: FastifyRequest, position: string): string {
  return encodingOf(request.headers['accept-encoding']) === undefined ? `"${position}"` : `W/"${position}"`;
}

/** The best encoding that a request takes; `undefined`: none of ours. */
function encodingOf(header: string | string[] | undefined): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const item of String(header ?? '')
    .toLowerCase()
    .split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const takes = (name: Encoding): boolean => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : undefined;
}
