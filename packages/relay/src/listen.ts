import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { RelayError } from './errors.ts';

/** Connections that wait to be taken when a fleet comes back at once; systems lower it to their own bound, mostly 4 096. */
const BACKLOG = 4_096;

/** Opens a port and answers its address, e.g. `http://127.0.0.1:8080`. Throws `PORT_IN_USE` or `CANNOT_LISTEN`. */
export async function listenOn(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    throw listenError(error, host, port);
  }
  return urlOf(host, (app.server.address() as AddressInfo).port);
}

/** The address a person would type. */
export function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function listenError(error: unknown, host: string, port: number): RelayError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new RelayError(
      'PORT_IN_USE',
      `Port ${port} of ${host} is in use by another process. Stop it, or take another port; 0 takes any free one.`,
      [],
      error,
    );
  }
  const reason =
    code === 'EACCES'
      ? 'This user may not: take a port above 1023.'
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? 'This machine has no such address: take 127.0.0.1, 0.0.0.0 or one of its own.'
        : `The system says: ${error instanceof Error ? error.message : String(error)}.`;
  return new RelayError('CANNOT_LISTEN', `Cannot listen on ${host}, port ${port}. ${reason}`, [], error);
}
