import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LookupOutcome, SegmentsFrom, SegmentsObserver } from '@flags/sync';
import type { AckResult, Hub } from './hub/hub.ts';
import type { EvaluationCounts } from './evaluation-counts.ts';
import { EVALUATION_RESULTS, EVALUATION_ROUTES } from './evaluation-counts.ts';
import { FEED_KINDS } from './feed.ts';
import type { StoreCounts } from './tiers/stores.ts';
import type { Source } from './sources/source.ts';
import { VIEW_NAMES } from './view.ts';

const SEGMENTS_FROM: readonly SegmentsFrom[] = ['cache', 'stale', 'lookup', 'nowhere'];
const LOOKUP_OUTCOMES: readonly LookupOutcome[] = ['answered', 'failed', 'timeout'];

/** What became of an acknowledgement. */
export type AckOutcome = AckResult | 'malformed';

/**
 * What a relay counts about itself, for Prometheus. Labels take only values that this package lists, and the names that its options
 * give to stores, so no key, address, flag or stream ever adds a series.
 */
export interface Metrics {
  readonly contentType: string;
  /** Everything counted, in Prometheus' text format. */
  render(): Promise<string>;
  /** A change was taken over. */
  committed(): void;
  /** A request was turned away; `reason` is the code of its answer. */
  rejected(reason: string): void;
  /** A change has been written to every stream, so long after the first commit in it. */
  fannedOut(ms: number): void;
  /** An acknowledgement came. */
  acked(outcome: AckOutcome): void;
  /** A change has been applied by a client, so long after it was taken over. */
  propagated(ms: number): void;
  /** Hears of questions and lookups of external segments. */
  readonly segments: SegmentsObserver;
  /** Ends the measuring of the event loop. */
  close(): void;
}

/** What is read off at each scrape instead of being counted twice. */
export interface MetricsSources {
  readonly hub: Pick<Hub, 'counts' | 'late' | 'unsent'>;
  readonly evaluations: EvaluationCounts;
  /** How many streams there may be. */
  readonly maxStreams: number;
  /** Of each store at the edge. */
  readonly stores: () => readonly StoreCounts[];
  /** What the source found of itself, where it follows another relay. */
  readonly drift: () => Source['drift'];
  /** Whether the source cannot be used at the moment. */
  readonly isBroken: () => boolean;
}

// From a turn of an idle loop to what nobody should see.
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.16, 0.25, 0.5, 1, 2.5, 5];
/** Between two looks at the event loop; delays shorter than this are not seen. */
const RESOLUTION_MS = 10;
const NS_PER_SECOND = 1e9;

/** Creates a relay's metrics, in a registry of its own: relays in one process do not mix. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[] = [], read?: (it: Counter) => void) =>
    new Counter({ name, help, labelNames, registers, ...collecting(read) });
  const gauge = (name: string, help: string, labelNames: readonly string[], read: (it: Gauge) => void) =>
    new Gauge({ name, help, labelNames, registers, ...collecting(read) });

  gauge('flags_relay_connections', 'Open streams.', ['view'], (it) => {
    for (const view of VIEW_NAMES) it.set({ view }, sources.hub.counts.open[view]);
  });
  gauge('flags_relay_streams', 'The same streams, by what they carry.', ['kind'], (it) => {
    for (const kind of FEED_KINDS) it.set({ kind }, sources.hub.counts.carrying[kind]);
  });
  gauge('flags_relay_queue_depth', 'Streams passed over until their unsent bytes drain.', [], (it) => {
    it.set(sources.hub.late);
  });
  gauge('flags_relay_max_connections', 'Streams that may be open at once.', [], (it) => it.set(sources.maxStreams));
  gauge('flags_relay_unsent_bytes', 'Bytes handed over that readers have yet to take.', [], (it) => {
    it.set(sources.hub.unsent);
  });
  counter('flags_relay_goodbyes_total', 'Streams told goodbye, by why.', ['reason'], (it) => {
    it.reset();
    for (const [reason, count] of sources.hub.counts.goodbyes) it.inc({ reason }, count);
  });
  counter('flags_relay_cuts_total', 'Streams cut without a goodbye, by why.', ['reason'], (it) => {
    it.reset();
    for (const [reason, count] of sources.hub.counts.cuts) it.inc({ reason }, count);
  });
  counter('flags_relay_sent_bytes_total', 'Bytes written to streams, without response heads.', ['view'], (it) => {
    it.reset();
    for (const view of VIEW_NAMES) it.inc({ view }, sources.hub.counts.bytes[view]);
  });
  counter('flags_relay_resumes_total', 'Streams opened, by what led them to the head.', ['kind'], (it) => {
    it.reset();
    for (const [kind, count] of sources.hub.counts.resumes) it.inc({ kind }, count);
  });
  const evaluations = 'flags_relay_evaluations_total';
  counter(
    evaluations,
    'Flags read here for a context, by who asked and what came of it.',
    ['route', 'result'],
    (it) => {
      it.reset();
      for (const route of EVALUATION_ROUTES) {
        for (const result of EVALUATION_RESULTS) it.inc({ route, result }, sources.evaluations.of(route, result));
      }
    },
  );
  gauge(
    'flags_relay_source_broken',
    '1 while the source cannot be used and the last good flags are served.',
    [],
    (it) => it.set(sources.isBroken() ? 1 : 0),
  );
  gauge('flags_relay_source_drift', '1 while what is held does not add up to what the upstream says.', [], (it) =>
    it.set(sources.drift()?.isNow === true ? 1 : 0),
  );
  counter('flags_relay_source_drifts_total', 'How often it was found not to.', [], (it) => {
    it.reset();
    it.inc(sources.drift()?.found ?? 0);
  });
  counter('flags_relay_store_writes_total', 'Writes to stores at the edge.', ['store', 'result'], (it) => {
    it.reset();
    for (const { name: store, written, failed } of sources.stores()) {
      it.inc({ store, result: 'written' }, written);
      it.inc({ store, result: 'failed' }, failed);
    }
  });
  gauge(
    'flags_relay_store_lag_seconds',
    'How long the oldest change that a store lacks has waited.',
    ['store'],
    (it) => {
      for (const { name: store, lagMs } of sources.stores()) it.set({ store }, lagMs / 1_000);
    },
  );
  const commits = counter('flags_relay_commits_total', 'Changes taken over from the source.');
  const rejects = counter('flags_relay_rejects_total', 'Requests turned away, by the code of the answer.', ['reason']);
  const fanOut = new Histogram({
    name: 'flags_relay_fan_out_seconds',
    help: 'From a commit to its bytes being handed to the last open stream.',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const acks = counter('flags_relay_acks_total', 'Acknowledgements, by what they say.', ['outcome']);
  const propagation = new Histogram({
    name: 'flags_relay_propagation_seconds',
    help: 'From a commit to a client having applied it, as acknowledged.',
    buckets: LATENCY_BUCKETS,
    registers,
  });
  const questions = counter(
    'flags_relay_segment_questions_total',
    'Questions who is in external segments, by where the answer came from.',
    ['from'],
  );
  for (const from of SEGMENTS_FROM) questions.inc({ from }, 0);
  const lookups = counter('flags_relay_segment_lookups_total', 'Lookups of them, by what became of them.', ['outcome']);
  for (const outcome of LOOKUP_OUTCOMES) lookups.inc({ outcome }, 0);
  const lookup = new Histogram({
    name: 'flags_relay_segment_lookup_seconds',
    help: 'How long lookups took, also those that failed.',
    buckets: LATENCY_BUCKETS,
    registers,
  });

  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  gauge('flags_relay_event_loop_lag_seconds', 'Delay of the event loop since the last scrape.', ['stat'], (it) => {
    // The histogram holds the whole time between two looks; without a sample yet it answers NaN.
    const seconds = (ns: number): number =>
      Number.isFinite(ns) ? Math.max(ns / NS_PER_SECOND - RESOLUTION_MS / 1_000, 0) : 0;
    it.set({ stat: 'mean' }, seconds(loop.mean));
    it.set({ stat: 'p99' }, seconds(loop.percentile(99)));
    it.set({ stat: 'max' }, seconds(loop.max));
    loop.reset();
  });
  gauge('process_resident_memory_bytes', 'Resident memory of the process.', [], (it) => {
    it.set(process.memoryUsage.rss());
  });
  counter('process_cpu_seconds_total', 'CPU time of the process, user and system.', [], (it) => {
    const { user, system } = process.cpuUsage();
    it.reset();
    it.inc((user + system) / 1e6);
  });

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    committed: () => commits.inc(),
    rejected: (reason) => rejects.inc({ reason }),
    fannedOut: (ms) => fanOut.observe(ms / 1_000),
    acked: (outcome) => acks.inc({ outcome }),
    propagated: (ms) => propagation.observe(ms / 1_000),
    segments: {
      answered: (from) => questions.inc({ from }),
      lookedUp: (outcome, ms) => {
        lookups.inc({ outcome });
        lookup.observe(ms / 1_000);
      },
    },
    close: () => void loop.disable(),
  };
}

/** A metric that is read off when scraped; prom-client calls `collect` with the metric as `this`. */
function collecting<T>(read: ((metric: T) => void) | undefined): { collect?: (this: T) => void } {
  if (read === undefined) return {};
  return {
    collect(this: T) {
      read(this);
    },
  };
}
