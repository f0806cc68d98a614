import type { Transport } from '@flags/sync';
import { describeTransport } from '@flags/sync/testing';
import type { TransportSuite } from '@flags/sync/testing';
import type { Case } from './case.ts';

/** What the platform's `fetch` or `http` cannot do. */
export type TransportLimits = Pick<TransportSuite, 'follows' | 'seesDamage'>;

/** The suite that every transport has to pass. */
export function transportCases(
  createTransport: () => Transport,
  serve: TransportSuite['serve'],
  limits: TransportLimits,
): readonly Case[] {
  const cases: Case[] = [];
  describeTransport({
    test: (name, run) => void cases.push({ name, run }),
    createTransport,
    serve,
    ...limits,
  });
  return cases;
}
