// One start of one SDK in a fresh process: nothing is warm, as when a service starts.
import { importAdapter } from '../evaluate/adapters.ts';
import type { Environment } from '../evaluate/neutral.ts';
import { anyUser, mixedEnvironment } from '../evaluate/workloads.ts';
import { answerQuestions } from '../frame/processes.ts';

/** What is asked: a start with so many flags. */
export interface StartQuestion {
  readonly adapter: string;
  readonly flags: number;
  /** Also so many changes of one flag, if the SDK takes any. */
  readonly changes: number;
}

/** What it took. */
export interface Started {
  readonly payloadBytes: number;
  /** From the text to the first answer. */
  readonly ms: number;
  /** What is held then, with what lies outside of the heap, without the text. */
  readonly heldBytes: number;
  /** From the text of a change to the first answer after it, each. */
  readonly changeMs: readonly number[];
}

const CHANGED = 'flag-1';

function held(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function withChange(environment: Environment, value: boolean): Environment {
  return {
    ...environment,
    flags: environment.flags.map((flag) => (flag.key === CHANGED ? { ...flag, otherwise: value } : flag)),
  };
}

async function start({ adapter: name, flags, changes }: StartQuestion): Promise<Started> {
  const adapter = await importAdapter(name);
  const environment = mixedEnvironment(flags);
  const text = adapter.payload(environment);
  const { change } = adapter;
  const texts = change === undefined ? [] : [false, true].map((on) => change(withChange(environment, on), CHANGED));
  const before = held();
  const at = performance.now();
  const engine = await adapter.load(text);
  const context = engine.context(anyUser);
  const answer = await engine.boolean(CHANGED, context);
  const ms = performance.now() - at;
  if (!answer) throw new Error(`${adapter.name} gives ${String(answer)} for ${CHANGED}.`);
  const heldBytes = held() - before;
  const changeMs: number[] = [];
  for (let left = engine.update === undefined || texts.length === 0 ? 0 : changes; left > 0; left -= 1) {
    const wanted = left % 2 === 0;
    const since = performance.now();
    await engine.update?.(texts[wanted ? 1 : 0] ?? '');
    const now = await engine.boolean(CHANGED, context);
    changeMs.push(performance.now() - since);
    if (now !== wanted) throw new Error(`${adapter.name} gives ${String(now)} for ${CHANGED} after a change.`);
  }
  return { payloadBytes: Buffer.byteLength(text), ms, heldBytes, changeMs };
}

answerQuestions(start);
