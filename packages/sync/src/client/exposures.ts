import type { CompiledRuleset, EvaluationContext, Path, Resolution } from '@flags/core';
import { readUnit } from '@flags/core';
import type { EventBatch, Exposure, Summary, TrackedEvent } from '../protocol/events.ts';
import { EVENT_LIMITS, isEventText, parseEventData } from '../protocol/events.ts';
import type { DeliverySettings } from './delivery.ts';
import { createDelivery } from './delivery.ts';
import { isPrivate, unitPathOf } from './experiment-unit.ts';
import type { Logger } from './ports.ts';

/** Counts what reads give, and reports it now and then. */
export interface Exposures {
  /** Notes one read. */
  record(
    key: string,
    context: EvaluationContext,
    resolution: Resolution<unknown>,
    ruleset: CompiledRuleset | undefined,
  ): void;
  track(name: string, context: EvaluationContext | undefined, data: unknown): void;
  /** Sends what was noted so far. Never rejects. */
  flush(): Promise<void>;
  /** The same, and notes nothing any more. */
  close(): Promise<void>;
}

/** What the client tells the part that reports. */
export interface ExposureSettings extends DeliverySettings {
  /** Whether exposures to experiments, with their units, are sent too; else counts alone. */
  readonly withUnits: boolean;
  /** Paths whose values never leave. */
  readonly privateAttributes: readonly string[];
  readonly logger: Logger;
}

/** Makes the part that reports what is read. */
export type CreateExposures = (settings: ExposureSettings) => Exposures;

interface Counter {
  count: number;
  readonly summary: Omit<Summary, 'count'>;
  /** Units that are known to have been served this; for experiments whose units may be sent. */
  readonly units: Set<string> | undefined;
  /** Where a context has the experiment's unit. */
  readonly path: Path;
}

/** What there is to report. */
interface Noted {
  /** By resolution: a flag's outcomes are the same objects as long as it is unchanged. Errors are not, and stand by their text. */
  readonly counters: Map<Resolution<unknown> | string, Counter>;
  readonly exposures: Exposure[];
  readonly tracked: TrackedEvent[];
  dropped: number;
  /** When the first of it was noted. */
  from: number | undefined;
}

// Half a minute to a minute: drawn, so that programs that start together do not report together.
const INTERVAL = 60_000;
// Longer than two attempts take.
const LONGEST_FLUSH = 30_000;
/** Units that are remembered over all experiments, so that each is reported once; then they are forgotten. */
const MAX_UNITS = 10_000;

const nothing = (): Noted => ({ counters: new Map(), exposures: [], tracked: [], dropped: 0, from: undefined });

/**
 * Counts reads by flag, variation, version, reason and error code; a read costs one look-up. Memory is bounded: what finds no
 * room is counted as dropped. Of a context nothing leaves but the unit of an experiment's split, once for each flag and
 * variation, and the targeting key of a tracked event; neither where it is read from a private attribute.
 */
export function createExposures(settings: ExposureSettings): Exposures {
  const { clock, random, logger } = settings;
  const maySend = (path: Path): boolean => settings.withUnits && !isPrivate(path, settings.privateAttributes);
  const deliver = createDelivery(settings);
  let noted = nothing();
  const seen = new Map<string, Set<string>>();
  let seenUnits = 0;
  let sending: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;
  let flushing = 0;
  let isClosed = false;
  let isFailing = false;

  function record(
    key: string,
    context: EvaluationContext,
    resolution: Resolution<unknown>,
    set: CompiledRuleset | undefined,
  ): void {
    try {
      const counter = noted.counters.get(resolution) ?? add(key, resolution, set);
      if (counter === undefined) return;
      counter.count += 1;
      if (counter.units !== undefined) expose(counter, counter.units, context, resolution.experiment);
    } catch {
      // A key that is no text, a getter that throws: a read does not fail for it.
      noted.dropped += 1;
    }
  }

  function add(
    key: string,
    resolution: Resolution<unknown>,
    ruleset: CompiledRuleset | undefined,
  ): Counter | undefined {
    if (isClosed) return undefined;
    const { variant: variation, version, reason, errorCode, experiment } = resolution;
    const id = errorCode === undefined ? resolution : `${key}\n${errorCode}\n${variation}\n${version}`;
    const known = noted.counters.get(id);
    if (known !== undefined) return known;
    start();
    if (!isEventText(key) || noted.counters.size >= EVENT_LIMITS.summaries) {
      noted.dropped += 1;
      return undefined;
    }
    // Who has no rules cannot say what the experiment splits by.
    const isPart = ruleset !== undefined && experiment !== undefined && variation !== undefined;
    const path = isPart ? unitPathOf(ruleset.flags.get(key), experiment) : 'targetingKey';
    const counter: Counter = {
      count: 0,
      summary: { flag: key, variation, version, reason, errorCode },
      units: isPart && maySend(path) ? unitsOf(`${key}\n${variation}`) : undefined,
      path,
    };
    noted.counters.set(id, counter);
    if (noted.counters.size === EVENT_LIMITS.summaries) void send();
    return counter;
  }

  function unitsOf(text: string): Set<string> {
    const units = seen.get(text) ?? new Set();
    seen.set(text, units);
    return units;
  }

  function expose(counter: Counter, units: Set<string>, context: EvaluationContext, experiment: unknown): void {
    const unit = readUnit(context, counter.path);
    if (unit === undefined || units.has(unit)) return;
    const { flag, variation, version } = counter.summary;
    const { exposures } = noted;
    const isFull = exposures.length >= EVENT_LIMITS.exposures;
    if (isFull || !isEventText(unit) || !isEventText(experiment) || variation === undefined) {
      noted.dropped += 1;
      return;
    }
    if (seenUnits >= MAX_UNITS) {
      for (const set of seen.values()) set.clear();
      seenUnits = 0;
    }
    seenUnits += 1;
    units.add(unit);
    exposures.push({ flag, variation, version, experiment, unit, at: clock.now() });
    if (exposures.length === EVENT_LIMITS.exposures) void send();
  }

  function track(name: string, context: EvaluationContext | undefined, data: unknown): void {
    if (isClosed) return;
    start();
    const { tracked } = noted;
    const flat = data === undefined ? undefined : parseEventData(data);
    const isBad = !isEventText(name) || (data !== undefined && flat === undefined);
    if (isBad) logger.warn('An event was not tracked: use a short name, and flat data of at most 20 short members.');
    if (isBad || tracked.length >= EVENT_LIMITS.tracked) {
      noted.dropped += 1;
      return;
    }
    const unit = maySend('targetingKey') ? targetingKeyOf(context) : undefined;
    tracked.push({ name, unit: isEventText(unit) ? unit : undefined, data: flat, at: clock.now() });
    if (tracked.length === EVENT_LIMITS.tracked) void send();
  }

  function start(): void {
    noted.from ??= clock.now();
    cancelTimer ??= clock.after(INTERVAL * (0.5 + random() / 2), () => {
      cancelTimer = undefined;
      void send();
    });
  }

  async function deliverOne({ from = 0, counters, exposures, tracked, dropped }: Noted): Promise<void> {
    const batch: EventBatch = { from, to: clock.now(), summaries: summarize(counters), exposures, tracked, dropped };
    const problem = await deliver('/v1/events', JSON.stringify(batch), () => flushing > 0);
    sending = undefined;
    if (problem !== undefined) {
      if (!isFailing)
        logger.warn(`Exposures could not be delivered (${problem}); they are dropped. Flags are not affected.`);
      if (!isClosed) noted.dropped += sizeOf(batch);
    }
    isFailing = problem !== undefined;
  }

  /** Sends all that was noted, when nothing is being sent. */
  function send(): Promise<void> | undefined {
    if (sending !== undefined) return sending;
    cancelTimer?.();
    cancelTimer = undefined;
    const batch = noted;
    if (batch.from === undefined) return undefined;
    noted = nothing();
    sending = deliverOne(batch);
    return sending;
  }

  async function flush(): Promise<void> {
    flushing += 1;
    await new Promise<void>((resolve) => {
      // Someone waits: nothing else may keep the process alive.
      const cancel = clock.after(LONGEST_FLUSH, resolve, true);
      const both = async (): Promise<void> => {
        await sending;
        await send();
        cancel();
        resolve();
      };
      void both();
    });
    flushing -= 1;
  }

  async function close(): Promise<void> {
    isClosed = true;
    await flush();
  }

  return { record, track, flush, close };
}

function targetingKeyOf(context: EvaluationContext | undefined): string | undefined {
  try {
    return context === undefined ? undefined : readUnit(context, 'targetingKey');
  } catch {
    // A getter that throws, or no object at all.
    return undefined;
  }
}

/** One summary for each answer, however many rules led to it. */
function summarize(counters: Noted['counters']): readonly Summary[] {
  const summaries = new Map<string, Summary>();
  for (const { summary, count } of counters.values()) {
    const text = JSON.stringify(summary);
    summaries.set(text, { ...summary, count: count + (summaries.get(text)?.count ?? 0) });
  }
  return [...summaries.values()];
}

function sizeOf({ summaries, exposures, tracked, dropped }: EventBatch): number {
  return summaries.reduce((sum, { count }) => sum + count, dropped + exposures.length + tracked.length);
}
