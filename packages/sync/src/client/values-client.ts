import type { ErrorCode, EvaluationContext, Resolution } from '@flags/core';
import { failedRead } from '@flags/core';
import { DEFAULT_POLICY } from '../machine/policy.ts';
import type { Policy } from '../machine/policy.ts';
import type { Source } from '../machine/state.ts';
import { statusOf } from '../machine/status.ts';
import { switchTo } from '../machine/switch.ts';
import type { HeldValues } from '../machine/values.ts';
import { VALUES } from '../machine/values.ts';
import type { FlagReading } from '../protocol/message.ts';
import type { ContextClient } from './context-client.ts';
import type { FlagDetails } from './flag-types.ts';
import { FlagsError } from './flags-error.ts';
import { guardLogger } from './guard-logger.ts';
import { createKeySource } from './key-source.ts';
import { createListeners } from './listeners.ts';
import type { Listener } from './listeners.ts';
import { parseOptions } from './options.ts';
import type { ClientOptions } from './options.ts';
import type { Parts } from './parts.ts';
import type { Ports } from './ports.ts';
import { createReadiness } from './ready.ts';
import type { Ready } from './ready.ts';
import { createRuntime } from './runtime.ts';
import { createCredentials, createSubject } from './subject.ts';
import type { SignContext, Subject } from './subject.ts';
import { fits, takeOverlay } from './values-bootstrap.ts';
import type { ValuesBootstrap } from './values-bootstrap.ts';
import type { CreateValuesCache } from './values-cache.ts';
import { createValuesWire } from './values-wire.ts';

/** What a client of values can be told. */
export interface ValuesClientOptions extends Omit<ClientOptions, 'bootstrap' | 'bucketers' | 'verify'> {
  /** The context; one that says nothing by default. It is sent to the relay. */
  readonly context?: EvaluationContext | undefined;
  /** Values to serve until the first come from the network; not for another context than theirs. */
  readonly values?: ValuesBootstrap | undefined;
  /**
   * What a server of yours signed the context with, for relays that ask for it; or a function that has a context signed: it is
   * asked for each new one, and again when the relay refuses. A text is for the first context alone.
   */
  readonly contextSignature?: string | SignContext | undefined;
}

/** Parts of such a client that a platform may leave out. */
export interface ValuesParts extends Pick<Parts, 'createExposures' | 'onWake'> {
  /** Keeps values for the next run. */
  readonly createCache?: CreateValuesCache | undefined;
}

/** A client for which the relay evaluates. */
export interface ValuesClient<Types = FlagTypes> extends ContextClient<Types> {
  /** What the relay said of the context, as it said it; for those who pass it on. `undefined` before it said anything. */
  readings(): Readonly<Record<string, FlagReading>> | undefined;
}

interface Start {
  readonly held: HeldValues | undefined;
  readonly source: Source | undefined;
}

const BLANK = {
  variant: undefined,
  variation: undefined,
  ruleId: undefined,
  version: undefined,
  experiment: undefined,
  errorCode: undefined,
};
// Before whatever a server has, and equal to none of it.
const BEFORE_ALL = { hash: -1, position: { epoch: '-', version: 0, hash: '00000000' } };

/**
 * Creates a client for which the relay evaluates, over a platform's ports, and starts it. It holds one context and its values.
 * Those of the context before are gone with it, and what is still on its way for that one is dropped.
 *
 * @param policy Numbers that differ from the protocol's.
 * @throws {FlagsError} `INVALID_OPTION`
 */
export function createValuesClient<Types = FlagTypes>(
  { context, values: bootstrap, contextSignature, ...others }: ValuesClientOptions,
  ports: Ports & ValuesParts,
  policy: Partial<Policy> = {},
): ValuesClient<Types> {
  const { url, key, mode, exposures: reported, privateAttributes, logger: given, verify } = parseOptions(others);
  if (verify) {
    // Who asks for this must not believe to have it.
    throw new FlagsError('INVALID_OPTION', 'verify', 'Values are not signed.', 'Use a client that holds the rules.');
  }
  const logger = guardLogger(given);
  const listeners = createListeners(logger);
  const keys = createKeySource(key);
  const cache = ports.createCache?.({ url, key, logger, clock: ports.clock });
  const exposures = reported
    ? ports.createExposures?.({ ...ports, url, keys, logger, withUnits: reported === true, privateAttributes })
    : undefined;
  let subject = createSubject(context, contextSignature, 'INVALID_OPTION');
  let values: HeldValues['values'] | undefined;
  /** Switches that the machine has yet to make: until then its news are of another context. */
  let behind = 0;

  const runtime = createRuntime<HeldValues>(
    {
      url,
      keys: createCredentials(keys, () => subject),
      logger,
      policy: {
        ...DEFAULT_POLICY,
        ...policy,
        mode,
        canRefreshKey: typeof key === 'function' || typeof contextSignature === 'function',
      },
      content: VALUES,
      parts: { switchTo },
      wire: createValuesWire(url, () => subject),
      onEffect: (effect) => {
        if (effect.type === 'switched') behind -= 1;
        if (behind > 0) return;
        if (effect.type === 'changed') take(effect.before, effect.after);
        if (effect.type === 'status') listeners.status(effect.status);
        readiness.check();
      },
    },
    ports,
  );
  const readiness = createReadiness(runtime.state, ports.clock);

  function take(before: HeldValues | undefined, after: HeldValues): void {
    ({ values } = after);
    // A poll brings the same again and again.
    if (before?.hash === after.hash) return;
    listeners.changed((name) => before === undefined || before.values.get(name) !== after.values.get(name));
    if (runtime.state().source === 'network') cache?.save(subject.fingerprint, after);
  }

  function startOf({ fingerprint }: Subject, page?: ValuesBootstrap): Start {
    const cached = cache?.load(fingerprint);
    if (page !== undefined && (page.context ?? fingerprint) === fingerprint) {
      const all = new Map([...(cached?.values ?? []), ...takeOverlay(page, logger)] as [string, FlagReading][]);
      return { held: { values: all, ...BEFORE_ALL }, source: 'bootstrap' };
    }
    if (page !== undefined) logger.info('The bootstrap is not used: its values are for another context.');
    return { held: cached, source: cached && 'cache' };
  }

  function sourceNow(): Source | undefined {
    return behind > 0 ? values && 'cache' : runtime.state().source;
  }

  /** What a read gives: the reading itself where it answers, so that reports know it again. */
  function read(name: string, defaultValue: unknown): Resolution<unknown> {
    const known = values?.get(name);
    if (known !== undefined && known.errorCode === undefined && fits(known.value, defaultValue)) {
      return known as unknown as Resolution;
    }
    const missing = values === undefined || sourceNow() === 'bootstrap' ? 'PROVIDER_NOT_READY' : 'FLAG_NOT_FOUND';
    const errorCode = known === undefined ? missing : (known.errorCode ?? 'TYPE_MISMATCH');
    return failedRead(defaultValue, errorCode as ErrorCode);
  }

  function readAndRecord(name: string, defaultValue: unknown): Resolution<unknown> {
    const resolution = read(name, defaultValue);
    if (values !== undefined) exposures?.record(name, subject.context, resolution, undefined);
    return resolution;
  }

  const detailed =
    (get: typeof read) =>
    (name: string, defaultValue: unknown): FlagDetails<unknown> => ({
      ...BLANK,
      ...get(name, defaultValue),
      source: sourceNow(),
      stale: behind > 0 || !runtime.state().fresh,
    });

  async function setContext(next: EvaluationContext | null | undefined): Promise<Ready> {
    const sign = typeof contextSignature === 'string' ? undefined : contextSignature;
    const other = createSubject(next, sign, 'INVALID_ARGUMENT');
    if (other.text !== subject.text) {
      subject = other;
      const start = startOf(other);
      values = start.held?.values;
      behind += 1;
      runtime.dispatch({ type: 'switch', ...start });
      // Anything may be different for someone else.
      listeners.replaced();
    }
    return readiness.wait();
  }

  async function flush(): Promise<void> {
    cache?.flush();
    await exposures?.flush();
  }

  async function close(): Promise<void> {
    stopWaking?.();
    runtime.dispatch({ type: 'close' });
    cache?.flush();
    await exposures?.close();
  }

  const { held, source } = startOf(subject, bootstrap);
  runtime.dispatch(held && source ? { type: 'start', held, source } : { type: 'start' });
  const stopWaking = ports.onWake?.((slept) => runtime.dispatch({ type: 'wake', slept }));

  const client = {
    value: (name: string, defaultValue: unknown) => readAndRecord(name, defaultValue).value,
    details: detailed(readAndRecord),
    peek: detailed(read),
    all: () => Object.fromEntries(Array.from(values ?? [], ([name, reading]) => [name, { ...BLANK, ...reading }])),
    context: () => subject.context,
    setContext,
    subscribe: (one: string | Listener, two?: Listener) =>
      typeof one === 'string' ? listeners.add(one, two as Listener) : listeners.add(undefined, one),
    ready: readiness.wait,
    status: () => statusOf(runtime.state()),
    snapshot: () => undefined,
    readings: () => values && Object.fromEntries(values),
    track: (name: string, data?: unknown) => exposures?.track(name, subject.context, data),
    flush,
    close,
    [Symbol.asyncDispose]: close,
  };
  // The types of keys and values are for callers.
  return client as unknown as ValuesClient<Types>;
}
