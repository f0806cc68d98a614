import type { Replica, ReplicaOptions } from '@flags/sync';
import { createLoads, createSyncReplica, describeProblem } from '@flags/sync';
import { createSystemClock } from './clock.ts';
import { sha256Of } from './digest.ts';
import { createHttpTransport } from './transport.ts';

/**
 * Follows a relay and hands on each state as it comes, unread: what a relay that follows another is made of. Like a client it
 * does not keep the process alive.
 *
 * @throws {FlagsError} `INVALID_OPTION`
 */
export function createReplica(options: ReplicaOptions): Replica {
  const ports = {
    transport: createHttpTransport(),
    clock: createSystemClock(),
    random: Math.random,
    loads: createLoads(sha256Of),
  };
  return createSyncReplica(options, ports, { describe: describeProblem });
}
