import { pino, stdSerializers } from 'pino';
import type { RelayLog } from './log.ts';

/** Members that may hold a key or something of a person, wherever a fact has them. What is logged names none of them; this is for slips. */
const SECRET = ['key', 'keys', 'authorization', 'headers', 'query', 'body', 'context', 'targetingKey', 'secret'];

/** A log for collectors: one JSON object a line, to stdout or to where it is told. */
export function jsonLog(output: { write(line: string): void } = process.stdout): RelayLog {
  return pino(
    {
      redact: { paths: SECRET.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      serializers: { err: errorFacts },
    },
    output,
  );
}

/** What is told of an error: other members may hold what it was given. */
function errorFacts(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { type, message, stack, code } = stdSerializers.err(error);
  return { type, message, stack, ...(typeof code === 'string' ? { code } : {}) };
}
