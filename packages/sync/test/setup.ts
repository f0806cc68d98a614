import type { Flag } from '@flags/core';
import { createFlagClient, createTimeWatch, holdRuleset } from '../src/index.ts';
import type { ClientOptions, FlagClient, FullSync, HeldState, Message } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';
import type { FakeClock, ScriptedTransport } from '../src/testing/index.ts';
import { compiled, flagOf, rulesetJson, segmentOf } from './rulesets.ts';

export interface Setup {
  readonly client: FlagClient;
  readonly transport: ScriptedTransport;
  readonly clock: FakeClock;
  readonly logged: string[];
}

export function setup(options: ClientOptions = {}): Setup {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const logged: string[] = [];
  const logger = { info: (text: string) => void logged.push(text), warn: (text: string) => void logged.push(text) };
  const ports = { transport, clock, random: () => 0.5, createTimeWatch };
  const client = createFlagClient({ url: 'http://relay/base/', key: 'sdk-1', logger, ...options }, ports);
  return { client, transport, clock, logged };
}

export const flags: readonly Flag[] = [
  flagOf('a', 1, true),
  flagOf('b', 1, false, { rules: [{ id: 'staff', when: { segment: 'staff' }, serve: { variation: 'on' } }] }),
  flagOf('c', 1, true, { prerequisites: [{ flag: 'b', variations: ['on'] }] }),
];
export const first: HeldState = holdRuleset(compiled(1, flags, [segmentOf('staff', 1, ['ann'])]));
export const fullSync: FullSync = {
  type: 'FULL_SYNC',
  position: first.position,
  reason: 'initial',
  ruleset: rulesetJson(1, flags, [segmentOf('staff', 1, ['ann'])]),
};
export const ann = { targetingKey: 'ann' };

export function connect({ transport }: Setup, message: Message = fullSync): void {
  const stream = transport.last('stream');
  stream.respond();
  stream.send(message);
}

export function delta(before: HeldState, version: number, more: object): Message {
  const position = { ...before.position, version, hash: '00000000' };
  return { type: 'FLAG_UPDATE', from: before.position, position, flags: {}, ...more };
}
