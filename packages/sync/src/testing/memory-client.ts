import type { EvaluationContext, Flag, Json, RawEntries, Ruleset } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { FlagClient, HeldState, Message, Position } from '@flags/sync';
import { applyDelta, createFlagClient, createTimeWatch, FlagsError, holdRuleset } from '@flags/sync';
import { createFakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';
import { createScriptedTransport } from './scripted-transport.ts';
import type { ScriptedRequest } from './scripted-transport.ts';

/** Values to serve to everyone, pages too, by flag key; `null` takes a flag away. */
export type MemoryValues = Readonly<Record<string, Json>>;

/** A client for tests: the real one, served from memory. */
export interface MemoryClient<Types = FlagTypes> extends FlagClient<Types> {
  /** Changes flags, as a server would: listeners hear of it before this returns. */
  set(values: MemoryValues): void;
  /** Cuts the client off, or brings it back; it is stale meanwhile. */
  disconnect(): void;
  reconnect(): void;
  /** The context as it is: who is in external segments, a test says itself, as `$segments`. */
  prepare(context?: EvaluationContext): Promise<EvaluationContext>;
  /** The client's clock, for flags that move with time. */
  readonly clock: FakeClock;
}

const RECONNECTED_WITHIN = 10_000;

/**
 * Creates a client for tests of code that reads flags. Nothing is sent anywhere, and everything happens at once. It is the
 * real client: the same evaluation, listeners and details as in production.
 *
 * @param flags Values by key, or a whole ruleset (an object with `format`) for targeting, splits and segments.
 * @throws {FlagsError} `INVALID_ARGUMENT` when a ruleset is unusable.
 */
export function createMemoryClient<Types = FlagTypes>(flags: MemoryValues | Ruleset = {}): MemoryClient<Types> {
  const clock = createFakeClock();
  let connected = true;
  let held = firstState(flags);
  let stream: ScriptedRequest | undefined;
  const transport = createScriptedTransport((request) => {
    if (!connected) return request.end('disconnected by the test');
    request.respond();
    const { ruleset, position } = held;
    const { epoch, version } = position;
    const entries = { flags: recordOf(ruleset.flags), segments: recordOf(ruleset.segments) };
    const wire = { format: 1, environment: ruleset.environment, epoch, version, ...entries };
    request.send({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: wire });
    if (request.request.headers['accept'] === 'text/event-stream') stream = request;
    return undefined;
  });
  const options = { url: 'http://memory', key: 'memory' };
  const client = createFlagClient<Types>(options, { transport, clock, random: () => 0.5, createTimeWatch });
  return {
    ...client,
    clock,
    prepare: async (context = {}) => context,
    set: (values) => {
      const from: Position = held.position;
      const version = from.version + 1;
      const changed = Object.entries(values).map(([key, value]) => [
        key,
        value === null ? null : flagOf(key, value, version),
      ]);
      const position = { ...from, version };
      const delta = { type: 'FLAG_UPDATE', from, position, flags: Object.fromEntries(changed) } as Extract<
        Message,
        { type: 'FLAG_UPDATE' }
      >;
      held = applyDelta(held, delta);
      stream?.send({ ...delta, position: held.position });
    },
    disconnect: () => {
      connected = false;
      stream?.end('disconnected by the test');
    },
    reconnect: () => {
      connected = true;
      clock.advance(RECONNECTED_WITHIN);
    },
  };
}

function firstState(flags: MemoryValues | Ruleset): HeldState {
  const isRuleset = typeof flags['format'] === 'number';
  const entries = Object.entries(flags).map(([key, value]) => [key, flagOf(key, value, 1)]);
  const ruleset = compileRuleset(
    isRuleset
      ? flags
      : {
          format: 1,
          environment: 'memory',
          epoch: 'memory',
          version: 1,
          flags: Object.fromEntries(entries),
          segments: {},
        },
  );
  if (ruleset.invalid !== undefined) {
    throw new FlagsError(
      'INVALID_ARGUMENT',
      'flags',
      'The ruleset cannot be used.',
      'Pass a ruleset of format 1, or { key: value }.',
    );
  }
  return holdRuleset(ruleset);
}

function flagOf(key: string, value: Json, version: number): Flag {
  const type = typeof value;
  return {
    key,
    version,
    // Tests need no digest; the state hash tells versions apart.
    digest: '',
    type: type === 'boolean' || type === 'string' || type === 'number' ? type : 'object',
    enabled: true,
    client: true,
    variations: [{ name: 'value', value }],
    off: 'value',
    rules: [],
    fallthrough: { variation: 'value' },
  };
}

function recordOf(entries: RawEntries): Record<string, unknown> {
  return Object.fromEntries(entries);
}
