import type { Transport } from '@flags/sync';
import type { Vectors } from '../../vectors/read.ts';
import { applyCases } from '../suites/apply.ts';
import { bootstrapCases } from '../suites/bootstrap.ts';
import { runCases } from '../suites/case.ts';
import type { Case, Outcome } from '../suites/case.ts';
import { clientCases } from '../suites/client.ts';
import type { ClientPlatform } from '../suites/client.ts';
import { evaluationCases } from '../suites/evaluation.ts';
import { eventStreamCases } from '../suites/event-stream.ts';
import { hashingCases } from '../suites/hashing.ts';
import { parseCases } from '../suites/parse.ts';
import { connectRemote } from '../suites/remote.ts';
import { transportCases } from '../suites/transport.ts';
import type { TransportLimits } from '../suites/transport.ts';
import { verifyCases } from '../suites/verify.ts';
import type { Signed } from '../suites/verify.ts';
import { probe } from './probe.ts';
import type { Found } from './probe.ts';

/** What the suite is given in every runtime. */
export interface Given {
  readonly vectors: Vectors;
  readonly signed: Signed;
  /** Where servers and relays obey. */
  readonly remote: string;
  readonly limits: TransportLimits;
}

/** What the suite found in a runtime. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  readonly found: Found;
}

/** A platform's own package, as the suite uses it. */
export interface Platform extends ClientPlatform {
  readonly createTransport: () => Transport;
}

/** The suites, in the order they run in. */
export const SUITES = [
  'hashing',
  'evaluation',
  'parse',
  'event-stream',
  'apply',
  'verify',
  'bootstrap',
  'transport',
  'client',
] as const;

/** The whole suite, over a platform's package. */
export function createProgram(platform: Platform): (input: unknown) => Promise<Report> {
  return async (input) => {
    const { vectors, signed, remote: url, limits } = input as Given;
    const remote = connectRemote(url);
    const cases: Readonly<Record<(typeof SUITES)[number], () => readonly Case[]>> = {
      hashing: () => hashingCases(vectors),
      evaluation: () => evaluationCases(vectors),
      parse: parseCases,
      'event-stream': eventStreamCases,
      apply: applyCases,
      verify: () => verifyCases(platform.verifyKeys, signed),
      bootstrap: bootstrapCases,
      transport: () => transportCases(platform.createTransport, remote.serve, limits),
      client: () => clientCases(platform, remote),
    };
    const outcomes: Outcome[] = [];
    for (const suite of SUITES) outcomes.push(await runCases(suite, cases[suite]()));
    remote.close();
    return { outcomes, found: await probe() };
  };
}
