import { join } from 'node:path';
import { measure } from './measure.ts';

/** One line of a README's size table. */
export interface SizeRow {
  readonly what: string;
  readonly bytes: number;
}

interface Package {
  /** What is asked for first: imports, with all they need. */
  readonly inAll?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly whole: { readonly what: string; readonly imports: Readonly<Record<string, readonly string[]>> };
  /** What further imports add. */
  readonly more?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** What source files are a part of the whole, by what they are for. */
  readonly parts?: Readonly<Record<string, readonly string[]>>;
  /** Another entry of the package, in the same table. */
  readonly also?: Package;
}

const MACHINE = [
  'step.ts',
  'turn.ts',
  'receive.ts',
  'tick.ts',
  'outcome.ts',
  'hold.ts',
  'load.ts',
  'poll.ts',
  'wake.ts',
  'switch.ts',
];

const packages: Readonly<Record<string, Package>> = {
  core: {
    whole: {
      what: '`compileRuleset` + `evaluate`, every operator',
      imports: { 'src/index.ts': ['compileRuleset', 'evaluate'] },
    },
    more: {
      '`updateRuleset`': { 'src/index.ts': ['updateRuleset'] },
      '`evaluateAll`': { 'src/index.ts': ['evaluateAll'] },
      '`nextChangeAt`': { 'src/index.ts': ['nextChangeAt'] },
      '`explain`': { 'src/explain.ts': ['explain'] },
      '`validateRuleset`': { 'src/validate.ts': ['validateRuleset'] },
    },
    parts: {
      '`matches`': ['pattern.ts'],
      '`verEq` … `verGte`, `as: version`': ['version.ts'],
      '`cidr`': ['cidr.ts'],
      '`before`, `after`, `as: date`': ['instant.ts'],
      'time windows and progressive rollouts': ['schedule.ts'],
      'all operators together': ['operators.ts', 'pattern.ts', 'version.ts', 'cidr.ts'],
      bucketing: ['bucket.ts', 'xxh32.ts'],
    },
  },
  browser: {
    inAll: {
      '`createClient`, in all': { 'src/index.ts': ['createClient'] },
      '`createClient` of `/remote`, in all': { 'src/remote/index.ts': ['createClient'] },
      'the file `flags.min.js`': { 'src/index.ts': ['*'] },
      'the file `flags-remote.min.js`': { 'src/remote/index.ts': ['*'] },
    },
    whole: { what: '`createBareClient`, no part', imports: { 'src/index.ts': ['createBareClient'] } },
    parts: {
      'the sync machine': MACHINE,
      'the event stream and its messages': ['event-stream.ts', 'read-rules.ts', 'read-signals.ts', 'reader.ts'],
      'the page: requests, sleep, its context': ['transport.ts', 'page-life.ts', 'wake.ts', 'context-client.ts'],
    },
    more: {
      '`localCache`': { 'src/index.ts': ['localCache'] },
      '`shareStream`': { 'src/index.ts': ['shareStream'] },
      '`createExposures`': { 'src/index.ts': ['createExposures'] },
      '`verifyKeys`': { 'src/index.ts': ['verifyKeys'] },
      '`createTimeWatch`': { 'src/index.ts': ['createTimeWatch'] },
      '`createClient`: all of them': { 'src/index.ts': ['createClient'] },
    },
    also: {
      whole: {
        what: '`createBareClient` of `/remote`, no part',
        imports: { 'src/remote/index.ts': ['createBareClient'] },
      },
      parts: {
        'its sync machine': MACHINE,
        'its event stream and messages': [
          'event-stream.ts',
          'read-values.ts',
          'read-signals.ts',
          'reader.ts',
          'poll-body.ts',
        ],
        'its options and contexts': [
          'options.ts',
          'subject.ts',
          'key-source.ts',
          'values-bootstrap.ts',
          'canonical.ts',
        ],
        'its page: requests, sleep, time': ['transport.ts', 'page-life.ts', 'wake.ts', 'resumed-stream.ts', 'clock.ts'],
      },
      more: {
        '`valuesCache`': { 'src/remote/index.ts': ['valuesCache'] },
        'its `shareStream`': { 'src/remote/index.ts': ['shareStream'] },
        'its `createExposures`': { 'src/remote/index.ts': ['createExposures'] },
        'its `createClient`: all of them': { 'src/remote/index.ts': ['createClient'] },
      },
    },
  },
  react: {
    whole: { what: '`FlagProvider` + `useFlag`', imports: { 'src/index.ts': ['FlagProvider', 'useFlag'] } },
    more: {
      'every other hook and component': {
        'src/index.ts': [
          'Flag',
          'FlagsReady',
          'useClientLayer',
          'useFlagClient',
          'useFlagDetails',
          'useFlags',
          'useFlagsReady',
          'useFlagStatus',
          'useSetContext',
          'useTrack',
        ],
      },
      'the panel for developers, if imported': { 'src/devtools/index.ts': ['FlagDevtools'] },
    },
  },
  edge: {
    whole: { what: '`createEdgeFlags`', imports: { 'src/index.ts': ['createEdgeFlags'] } },
    parts: {
      'reports of what is read': ['exposures.ts', 'delivery.ts', 'experiment-unit.ts', 'events.ts'],
      'stores, the relay and their order': [
        'tiers.ts',
        'holding.ts',
        'kv.ts',
        'origin.ts',
        'snapshot.ts',
        'transport.ts',
      ],
      'messages and changes': [
        'parse-message.ts',
        'reader.ts',
        'read-values.ts',
        'read-signals.ts',
        'change.ts',
        'rules.ts',
      ],
      'options, checked': ['options.ts'],
    },
    more: {
      '`verifyKeys`': { 'src/index.ts': ['verifyKeys'] },
      '`externalSegments`': { 'src/index.ts': ['externalSegments'] },
      '`cloudflareKv`': { 'src/index.ts': ['cloudflareKv'] },
      '`flagMiddleware`': { 'src/index.ts': ['flagMiddleware'] },
      '`precompute`': { 'src/index.ts': ['precompute'] },
      '`flagMiddleware` of `/next`': { 'src/next/index.ts': ['flagMiddleware'] },
      '`createFlagsObject` of `/cloudflare`': { 'src/cloudflare/index.ts': ['createFlagsObject', 'objectFetch'] },
    },
  },
  node: { whole: { what: '`createClient`', imports: { 'src/index.ts': ['createClient'] } } },
};

/** The packages whose README has a size table. */
export const measuredPackages: readonly string[] = Object.keys(packages);

/** Measures every line of a package's table: what counts in all, then a whole, and what the rest adds to it or is of it. */
export async function measureRows(root: string, name: string): Promise<readonly SizeRow[]> {
  const entry = packages[name];
  if (!entry) throw new Error(`${name} has no size table: add it to scripts/sizes/table.ts.`);
  const folder = join(root, 'packages', name);
  const rows = await measurePackage(folder, entry);
  return entry.also ? [...rows, ...(await measurePackage(folder, entry.also))] : rows;
}

async function measurePackage(folder: string, entry: Package): Promise<readonly SizeRow[]> {
  const { imports, what } = entry.whole;
  const rows: SizeRow[] = [];
  for (const [all, imported] of Object.entries(entry.inAll ?? {})) {
    rows.push({ what: all, bytes: await measure({ folder, imports: imported }) });
  }
  const whole = await measure({ folder, imports });
  rows.push({ what, bytes: whole });
  for (const [part, without] of Object.entries(entry.parts ?? {})) {
    rows.push({ what: `of it ${part}`, bytes: whole - (await measure({ folder, imports, without })) });
  }
  for (const [more, added] of Object.entries(entry.more ?? {})) {
    const both = { ...imports };
    for (const [file, names] of Object.entries(added)) both[file] = [...(imports[file] ?? []), ...names];
    rows.push({ what: `more with ${more}`, bytes: (await measure({ folder, imports: both })) - whole });
  }
  return rows;
}
