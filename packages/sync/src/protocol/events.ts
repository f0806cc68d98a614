import type { ErrorCode, Reason } from '@flags/core';

type Members = Readonly<Record<string, unknown>>;

/** How often a flag gave one answer. */
export interface Summary {
  readonly flag: string;
  /** Name of the variation; absent when the caller's default was served. */
  readonly variation?: string | undefined;
  /** The ruleset version that last changed the flag. */
  readonly version?: number | undefined;
  readonly reason: Reason;
  readonly errorCode?: ErrorCode | undefined;
  readonly count: number;
}

/** A unit was served a variation by a split of an experiment. */
export interface Exposure {
  readonly flag: string;
  readonly variation: string;
  readonly version?: number | undefined;
  readonly experiment: string;
  /** What the split buckets by: the targeting key, unless it names another attribute. */
  readonly unit: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Something that happened, as an application reports it. */
export interface TrackedEvent {
  readonly name: string;
  /** The context's targeting key. */
  readonly unit?: string | undefined;
  readonly data?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly at: number;
}

/** The body of `POST /v1/events`: all there is to report of a span of time. Other attributes of a context never are. */
export interface EventBatch {
  /** Start and end of the span, epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly summaries: readonly Summary[];
  readonly exposures: readonly Exposure[];
  readonly tracked: readonly TrackedEvent[];
  /** Reads, exposures and events that memory had no room for, or that could not be delivered before. */
  readonly dropped: number;
}

/** What a batch may hold at most; `text` is the length of a key, name or unit, `data` the members of a tracked event. */
export const EVENT_LIMITS = { summaries: 1_000, exposures: 500, tracked: 100, text: 256, data: 20 } as const;

/**
 * Reads the JSON of a batch, as it comes from anyone who has a key, or says what is wrong with it. Members it does not know
 * are left out.
 */
export function parseEventBatch(json: unknown): EventBatch | string {
  if (!isObject(json)) return 'the batch is no object';
  const { from, to, dropped = 0 } = json;
  if (!isCount(from) || !isCount(to) || !isCount(dropped)) return 'from, to or dropped is no whole number from 0 up';
  const summaries = parseList(json['summaries'], EVENT_LIMITS.summaries, parseSummary);
  if (summaries === undefined) return `summaries is no list of at most ${EVENT_LIMITS.summaries} summaries`;
  const exposures = parseList(json['exposures'], EVENT_LIMITS.exposures, parseExposure);
  if (exposures === undefined) return `exposures is no list of at most ${EVENT_LIMITS.exposures} exposures`;
  const tracked = parseList(json['tracked'], EVENT_LIMITS.tracked, parseTracked);
  if (tracked === undefined) return `tracked is no list of at most ${EVENT_LIMITS.tracked} events`;
  return { from, to, summaries, exposures, tracked, dropped };
}

/** Whether a value may be reported as a key, name or unit. */
export function isEventText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= EVENT_LIMITS.text;
}

/** The data of a tracked event, when it is a flat record within the limits. */
export function parseEventData(value: unknown): TrackedEvent['data'] | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  const isFlat = entries.every(([name, item]) => isEventText(name) && isScalar(item));
  if (!isFlat || entries.length > EVENT_LIMITS.data) return undefined;
  return Object.fromEntries(entries) as NonNullable<TrackedEvent['data']>;
}

function parseSummary(json: Members): Summary | undefined {
  const { flag, variation, version, reason, errorCode, count } = json;
  if (!isEventText(flag) || !isName(reason) || !isCount(count) || !isOptional(variation, isEventText)) return undefined;
  if (!isOptional(version, isCount) || !isOptional(errorCode, isName)) return undefined;
  return {
    flag,
    ...(variation === undefined ? {} : { variation }),
    ...(version === undefined ? {} : { version }),
    // A newer client may know more of them; readers take them as names.
    reason: reason as Reason,
    ...(errorCode === undefined ? {} : { errorCode: errorCode as ErrorCode }),
    count,
  };
}

function parseExposure(json: Members): Exposure | undefined {
  const { flag, variation, version, experiment, unit, at } = json;
  if (!isEventText(flag) || !isEventText(variation) || !isEventText(experiment) || !isEventText(unit)) return undefined;
  if (!isCount(at) || !isOptional(version, isCount)) return undefined;
  return { flag, variation, ...(version === undefined ? {} : { version }), experiment, unit, at };
}

function parseTracked(json: Members): TrackedEvent | undefined {
  const { name, unit, data, at } = json;
  const flat = data === undefined ? undefined : parseEventData(data);
  if (!isEventText(name) || !isOptional(unit, isEventText) || !isCount(at)) return undefined;
  if (data !== undefined && flat === undefined) return undefined;
  return { name, ...(unit === undefined ? {} : { unit }), ...(flat === undefined ? {} : { data: flat }), at };
}

function parseList<Item>(
  json: unknown,
  most: number,
  parse: (json: Members) => Item | undefined,
): readonly Item[] | undefined {
  if (!Array.isArray(json) || json.length > most) return undefined;
  const items: Item[] = [];
  for (const item of json) {
    const parsed = isObject(item) ? parse(item) : undefined;
    if (parsed === undefined) return undefined;
    items.push(parsed);
  }
  return items;
}

function isOptional<Value>(value: unknown, is: (value: unknown) => value is Value): value is Value | undefined {
  return value === undefined || is(value);
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= EVENT_LIMITS.text;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** An upper-case name, as reasons and error codes are. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z_]{1,64}$/.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
