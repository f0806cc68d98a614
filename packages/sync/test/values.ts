import { createValuesClient, holdValues } from '../src/index.ts';
import type { FlagReading, HeldValues, Values, ValuesClient, ValuesClientOptions, ValuesParts } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';
import type { FakeClock, ScriptedRequest, ScriptedTransport } from '../src/testing/index.ts';

/** A client of values, and the other end of it. */
export interface ValuesSetup {
  readonly client: ValuesClient;
  readonly transport: ScriptedTransport;
  readonly clock: FakeClock;
  readonly logged: string[];
}

/** Starts a client for Ann, over a transport that may answer at once. */
export function setupValues(
  options: ValuesClientOptions = {},
  parts: ValuesParts = {},
  onRequest?: (request: ScriptedRequest) => void,
): ValuesSetup {
  const transport = createScriptedTransport(onRequest);
  const clock = createFakeClock();
  const logged: string[] = [];
  const logger = { info: (text: string) => void logged.push(text), warn: (text: string) => void logged.push(text) };
  const all = { url: 'http://relay/base/', key: 'ck', context: { targetingKey: 'ann' }, logger, ...options };
  const client = createValuesClient(all, { transport, clock, random: () => 0.5, ...parts });
  return { client, transport, clock, logged };
}

/** What a flag without rules gives. */
export function reading(value: FlagReading['value'], more: Partial<FlagReading> = {}): FlagReading {
  return { value, reason: 'STATIC', variant: 'v', variation: 0, version: 1, ...more };
}

/** Values at a version, as a server holds them. */
export function valuesAt(version: number, values: Values['values'], epoch = 'e1'): HeldValues {
  return holdValues(values, { epoch, version });
}

/** All of them, as a server says it. */
export function say(version: number, values: Values['values'], epoch?: string): Values {
  return { type: 'VALUES', position: valuesAt(version, values, epoch).position, values };
}

/** Answers the last stream with these values. */
export function answer({ transport }: ValuesSetup, version: number, values: Values['values']): void {
  transport.last('stream').respond();
  transport.last('stream').send(say(version, values));
}
