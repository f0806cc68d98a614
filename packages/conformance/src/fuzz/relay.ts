import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { compileRuleset, evaluate } from '@flags/core';
import type { CompiledRuleset, EvaluationContext } from '@flags/core';
import { generateClientKey, generateServerKey } from '@flags/relay';
import type { Answer, FuzzCase } from './case.ts';
import { answerOf } from './program.ts';
import type { RelayFeed, RelayWorkerData } from './relay-worker.ts';
import { putMember, readPlain, readText, writeText } from './text.ts';

/** A real relay, asked over HTTP. */
export interface FuzzRelay {
  /** Feeds it with a case, as `writeText` writes it, and gives one sentence for each answer that is not core's own. */
  check(text: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a relay may be fed with: its source is trusted to give objects as entries. */
function entriesOf(entries: unknown, other: unknown): Members {
  const kept = {};
  for (const [key, entry] of Object.entries(isObject(entries) ? entries : {})) {
    const isKept = isObject(entry) || (entry === null && !(isObject(other) && Object.hasOwn(other, key)));
    if (isKept) putMember(kept, key, entry);
  }
  return kept;
}

/** Whether a relay refuses the context: it asks for more than core does, since anyone may send one. */
function isRefused(context: unknown): boolean {
  if (!isObject(context)) return true;
  const unit = Object.hasOwn(context, 'targetingKey') ? context['targetingKey'] : undefined;
  const isUnit = typeof unit === 'string' ? unit.length <= 512 : unit === undefined || Number.isSafeInteger(unit);
  const count = (value: unknown): number =>
    typeof value === 'object' && value !== null
      ? Object.values(value).reduce<number>((sum, member) => sum + 1 + count(member), 0)
      : 0;
  return !isUnit || count(context) > 1000;
}

const byName = (one: string, other: string): number => (one < other ? -1 : 1);

/** As JSON carries it. */
const carried = (value: unknown): string => JSON.stringify(value) ?? 'null';

/** Starts a relay in a thread of its own, whose clock is set to the time of each read. */
export async function startFuzzRelay(): Promise<FuzzRelay> {
  const keys = { server: generateServerKey(), client: generateClientKey() };
  const clock = new SharedArrayBuffer(8);
  const time = new Float64Array(clock);
  const workerData: RelayWorkerData = { keys: Object.values(keys), clock };
  const worker = new Worker(new URL('relay-worker.ts', import.meta.url), {
    workerData,
    execArgv: ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning'],
  });
  const [{ url }] = (await once(worker, 'message')) as [{ readonly url: string }];

  const feed = async (what: RelayFeed): Promise<readonly string[]> => {
    const told = once(worker, 'message');
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of threads, which have none
    worker.postMessage(writeText(what));
    const [{ refused }] = (await told) as [{ readonly refused: readonly string[] }];
    return refused;
  };
  const post = async (path: string, key: string, body: unknown): Promise<{ status: number; body: unknown }> => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(url + path, { method: 'POST', headers, body: writeText(body) });
    return { status: response.status, body: await response.json() };
  };

  const checkAsk = async (
    index: number,
    compiled: CompiledRuleset,
    ask: FuzzCase['asks'][number],
    keysOf: FuzzCase['keys'],
  ): Promise<readonly string[]> => {
    const { context, now } = ask;
    const problems: string[] = [];
    const tell = (what: string, key: string, given: string, expected: string): void => {
      if (given !== expected)
        problems.push(`ask ${index}, ${JSON.stringify(key)}: ${what} gives ${given}, not ${expected}`);
    };
    const expected = (key: string): Answer =>
      answerOf(evaluate(compiled, key, context as EvaluationContext, null, now));
    const asked = keysOf.filter((key) => key.length > 0 && key.length <= 256);
    time[0] = now;
    const [server, client, bulk] = await Promise.all([
      post('/v1/evaluate', keys.server, { context, flags: asked }),
      post('/v1/evaluate', keys.client, { context, flags: asked }),
      post('/ofrep/v1/evaluate/flags', keys.server, { context }),
    ]);
    if (isRefused(context)) {
      for (const { status } of [server, client, bulk]) tell('a context that is too much', '', String(status), '400');
      return problems;
    }
    for (const [what, { status }] of Object.entries({ server, client, bulk }))
      tell(`the status for ${what}`, '', String(status), '200');
    if (problems.length) return problems;

    const valuesOf = ({ body }: { body: unknown }): Members => (body as { readonly values: Members }).values;
    for (const key of asked) {
      const own = expected(key);
      tell('POST /v1/evaluate', key, carried(listOf(valuesOf(server), key)), carried(own));
      const flag = compiled.flags.get(key);
      const visible = isObject(flag) && Object.hasOwn(flag, 'client') ? flag['client'] : undefined;
      const isVisible = visible === true || visible === 'evaluated';
      const shown: Answer = isVisible
        ? ([...own.slice(0, 4), null, ...own.slice(5)] as unknown as Answer)
        : [null, null, null, 'ERROR', null, null, null, 'FLAG_NOT_FOUND'];
      tell('POST /v1/evaluate with a client key', key, carried(listOf(valuesOf(client), key)), carried(shown));
    }
    const results = (bulk.body as { readonly flags: readonly Members[] }).flags;
    tell(
      'OFREP',
      '',
      carried(results.map(({ key }) => String(key)).toSorted(byName)),
      carried([...compiled.flags.keys()].toSorted(byName)),
    );
    for (const { key, value, variant, reason, errorCode } of results) {
      const [ownValue, ownVariant, , ownReason, , , , ownCode] = expected(String(key));
      const own = ownReason === 'ERROR' ? [ownCode] : [ownValue, ownVariant, ownReason];
      tell(
        'OFREP',
        String(key),
        carried(errorCode === undefined ? [value, variant, reason] : [errorCode]),
        carried(own),
      );
    }
    return problems;
  };

  return {
    check: async (text) => {
      const { ruleset, start = ruleset, changes = [], keys: asked } = readText(text) as FuzzCase;
      const { asks } = readPlain(text) as FuzzCase;
      const [document, first] = [ruleset, start] as readonly Members[];
      // What is no ruleset at all never gets so far.
      if (!document || !first || compileRuleset(document).invalid !== undefined) return [];
      const kinds = ['flags', 'segments'] as const;
      const only = (from: Members): Members =>
        Object.fromEntries(kinds.map((kind) => [kind, entriesOf(from[kind], document[kind])]));
      const refused = await feed({
        start: { ...only(first) },
        changes: changes.map((change) => ({ ...change, ...only(change as unknown as Members) })),
      });
      if (refused.length) return refused;
      const kept = Object.fromEntries(kinds.map((kind) => [kind, withoutNull(entriesOf(document[kind], {}))]));
      const compiled = compileRuleset({ ...document, ...kept });
      const problems: string[] = [];
      // One after the other: the clock is everyone's.
      for (const [index, ask] of asks.entries()) problems.push(...(await checkAsk(index, compiled, ask, asked)));
      return problems;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

function withoutNull(entries: Members): Members {
  return entriesOf(entries, entries);
}

function listOf(values: Members, key: string): Answer | null {
  const reading = Object.hasOwn(values, key) ? values[key] : undefined;
  return isObject(reading) ? answerOf(reading as never) : null;
}
