// A service that uses flags, as you would write it: a client for the life of the process, a context for each user.
import { createClient } from '@flags/node';

/** Someone the shop decides for. */
export interface User {
  readonly name: string;
  readonly context: Readonly<Record<string, unknown>>;
}

const organisation = { acme: { id: 'acme' }, blumen: { id: 'blumen-meyer' } };

export const users: readonly User[] = [
  {
    name: 'Ada (enterprise, DE, beta)',
    context: {
      targetingKey: 'u-7',
      email: 'ada@example.com',
      plan: 'enterprise',
      country: 'DE',
      app: { version: '3.2.0' },
      org: organisation.acme,
      age: 36,
      beta: true,
      signedUpAt: '2024-03-02T08:00:00Z',
      ip: '192.0.2.17',
    },
  },
  {
    name: 'Ben (free, US, student)',
    context: {
      targetingKey: 'u-18',
      email: 'ben@cs.uni.edu',
      plan: 'free',
      country: 'US',
      app: { version: '3.4.0' },
      age: 19,
      beta: false,
      signedUpAt: '2026-10-20T12:30:00Z',
      ip: '198.51.100.4',
    },
  },
  {
    name: 'Chloé (pro, CH)',
    context: {
      targetingKey: 'u-90210',
      email: 'chloe@blumen.example',
      plan: 'pro',
      country: 'CH',
      app: { version: '2.9.1' },
      org: organisation.blumen,
      age: 52,
      recoEngine: 'neural',
      signedUpAt: '2025-06-11T06:00:00Z',
      ip: '203.0.113.80',
    },
  },
];

/** Connects to a relay. Reads work at once and for ever; until the first rules arrive they give their defaults. */
export function startService(url: string, key: string) {
  const flags = createClient({ url, key });
  return {
    flags,
    /** A decision as the shop's code makes it. */
    greeting: (user: User): string => flags.value('welcome-text', 'Welcome!', user.context),
  };
}
