import type { CompiledRuleset, EvaluationContext, Resolution } from '@flags/core';
import { evaluate, evaluateAll, failedRead, isAffected } from '@flags/core';
import { DEFAULT_POLICY } from '../machine/policy.ts';
import type { Policy } from '../machine/policy.ts';
import { createRules } from '../machine/rules.ts';
import { statusOf } from '../machine/status.ts';
import type { ClientStatus } from '../machine/status.ts';
import { chooseStart, readBootstrap } from './bootstrap.ts';
import type { FlagDefault, FlagDetails, FlagKey, FlagReader, FlagValue } from './flag-types.ts';
import { createListeners } from './listeners.ts';
import type { Listener } from './listeners.ts';
import type { CheckedOptions, ClientOptions } from './options.ts';
import { parseOptions } from './options.ts';
import type { Parts } from './parts.ts';
import type { Ports } from './ports.ts';
import { createReadiness } from './ready.ts';
import type { Ready, ReadyOptions } from './ready.ts';
import { createRuntime } from './runtime.ts';
import { createKeySource } from './key-source.ts';
import { guardLogger } from './guard-logger.ts';
import type { HeldState } from '../protocol/change.ts';
import { createRulesWire } from './wire.ts';

/** A client: reads from memory, kept current in the background. */
export interface FlagClient<Types = FlagTypes> extends FlagReader<Types> {
  /** Waits for the first rules, or for the reason why there are none. Never rejects. */
  ready(options?: ReadyOptions): Promise<Ready>;
  status(): ClientStatus;
  /** The rules in use, for `explain()`; `undefined` before there are any. */
  snapshot(): CompiledRuleset | undefined;
  /**
   * What `details()` gives, without counting as a read: for libraries that compute what may never be shown. Whoever then shows
   * it reads the flag.
   */
  peek<Key extends FlagKey<Types>, const Default>(
    key: Key,
    defaultValue: FlagDefault<Types, Key, Default>,
    context?: EvaluationContext,
  ): FlagDetails<FlagValue<Types, Key, Default>>;
  /** The same reads with the context given once. */
  forContext(context: EvaluationContext): FlagReader<Types>;
  /** Hears of every change of the rules and of the status; not of time that passes. Returns how to stop. */
  subscribe(listener: Listener): () => void;
  /**
   * Hears when what this flag serves could have changed: its entry changed, or that of a flag or segment it depends on, or the
   * time came at which a window of its rules opens or closes, or a rollout passes one of its points. Returns how to stop.
   */
  subscribe(key: FlagKey<Types>, listener: Listener): () => void;
  /**
   * Reports that something happened to the context's targeting key, so that experiments can be judged by it. `data` is flat
   * and small: at most 20 members. Never throws; what cannot be reported is counted as dropped.
   */
  track(name: string, context?: EvaluationContext, data?: Readonly<Record<string, string | number | boolean>>): void;
  /** Writes and sends what waits for its moment. Never rejects. */
  flush(): Promise<void>;
  /** Ends all traffic, after a last `flush()`. Reads go on with the last rules. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const NO_CONTEXT: EvaluationContext = Object.freeze({});

/**
 * Creates a client over a platform's ports and starts it.
 *
 * @param policy Numbers that differ from the protocol's, and `describe: describeProblem` for problems that say what to do.
 * @throws {FlagsError} `INVALID_OPTION`
 */
export function createFlagClient<Types = FlagTypes>(
  options: ClientOptions,
  ports: Ports & Parts,
  policy: Partial<Policy> = {},
): FlagClient<Types> {
  const checked = parseOptions(options);
  const logger = guardLogger(checked.logger);
  const listeners = createListeners(logger);
  const { url, key, compileOptions } = checked;
  const snapshots = ports.createSnapshots?.({ url, key, compileOptions, logger, clock: ports.clock });
  const keys = createKeySource(key);
  const { exposures: reported, privateAttributes } = checked;
  const exposures = reported
    ? ports.createExposures?.({ ...ports, url, keys, logger, withUnits: reported === true, privateAttributes })
    : undefined;
  const verifier = checked.verify?.(key);
  const verification = verifier?.verification;
  const runtime = createRuntime(
    {
      url,
      keys,
      logger,
      loads: ports.loads,
      wire: createRulesWire(url, ports.loads),
      content: createRules(compileOptions),
      verifier,
      parts: { verification, loading: ports.loads?.loading ?? verification?.loading },
      policy: { ...DEFAULT_POLICY, ...policy, ...policyOf(checked) },
      onEffect: (effect) => {
        if (effect.type === 'changed') {
          const before = effect.before?.ruleset;
          const after = effect.after.ruleset;
          ruleset = after;
          listeners.changed((key) => isAffected(before, after, key));
          timeWatch?.check();
          if (runtime.state().source === 'network') snapshots?.save(effect.after);
        }
        if (effect.type === 'status') listeners.status(effect.status);
        readiness.check();
      },
    },
    ports,
  );
  const readiness = createReadiness(runtime.state, ports.clock);
  // Beside the runtime's state, so that a read takes one step less.
  let ruleset: CompiledRuleset | undefined;

  const now = (): number => ports.clock.now() + runtime.state().clockOffset;
  const timeWatch = ports.createTimeWatch?.(ports.clock, now, () => ruleset, listeners.passed);

  function subscribe(first: string | Listener, second?: Listener): () => void {
    if (typeof first !== 'string') return listeners.add(undefined, first);
    const stopListening = listeners.add(first, second as Listener);
    const stopWatching = timeWatch?.add(first);
    let isOver = false;
    return () => {
      if (!isOver) stopWatching?.();
      isOver = true;
      stopListening();
    };
  }

  function peek(key: string, defaultValue: unknown, context: EvaluationContext): Resolution<unknown> {
    if (ruleset === undefined) return failedRead(defaultValue, 'PROVIDER_NOT_READY');
    return evaluate(ruleset, key, context, defaultValue, now());
  }

  function read(key: string, defaultValue: unknown, context: EvaluationContext): Resolution<unknown> {
    const resolution = peek(key, defaultValue, context);
    if (ruleset !== undefined) exposures?.record(key, context, resolution, ruleset);
    return resolution;
  }

  function value(key: string, defaultValue: unknown, context: EvaluationContext = NO_CONTEXT): unknown {
    return read(key, defaultValue, context).value;
  }

  const detailed =
    (get: typeof read) =>
    (key: string, defaultValue: unknown, context: EvaluationContext = NO_CONTEXT): FlagDetails<unknown> => {
      const { source, fresh } = runtime.state();
      return { ...get(key, defaultValue, context), source, stale: !fresh };
    };
  const details = detailed(read);

  function all(context: EvaluationContext = NO_CONTEXT): Readonly<Record<string, Resolution>> {
    return ruleset === undefined ? {} : evaluateAll(ruleset, context, now());
  }

  async function flush(): Promise<void> {
    await Promise.all([snapshots?.flush(), exposures?.flush()]);
  }

  async function close(): Promise<void> {
    stopWaking?.();
    runtime.dispatch({ type: 'close' });
    timeWatch?.stop();
    await Promise.all([snapshots?.flush(), exposures?.close()]);
  }

  const bootstrap = checked.bootstrap && readBootstrap(checked.bootstrap, compileOptions);
  if (checked.bootstrap && !bootstrap) logger.warn('Option `bootstrap` holds no usable ruleset; starting without it.');
  const cached = snapshots?.load();
  const begin = (first: HeldState | undefined, second: HeldState | undefined): void => {
    const start = chooseStart(first, second);
    if (second && start.held !== second) logger.info('The cache is not used: the bootstrap is as new or newer.');
    runtime.dispatch(start);
  };
  const begun = verifier ? verifier.admit({ bootstrap, cache: cached }, logger, begin) : begin(bootstrap, cached);
  const stopWaking = ports.onWake?.((slept) => runtime.dispatch({ type: 'wake', slept }));

  const client = {
    value,
    details,
    peek: detailed(peek),
    all,
    ready: (wait?: ReadyOptions) => (begun ? begun.then(() => readiness.wait(wait)) : readiness.wait(wait)),
    status: () => statusOf(runtime.state()),
    snapshot: () => ruleset,
    forContext: (bound: EvaluationContext) => ({
      value: (key: string, fallback: unknown, context = bound) => value(key, fallback, context),
      details: (key: string, fallback: unknown, context = bound) => details(key, fallback, context),
      all: (context = bound) => all(context),
    }),
    subscribe,
    track: (name: string, context?: EvaluationContext, data?: unknown) => exposures?.track(name, context, data),
    flush,
    close,
    [Symbol.asyncDispose]: close,
  };
  // The types of keys and values are for callers; inside, everything is checked by the evaluator.
  return client as unknown as FlagClient<Types>;
}

function policyOf({ mode, key }: CheckedOptions): Partial<Policy> {
  return { mode, canRefreshKey: typeof key === 'function' };
}
