import type { Engine } from './adapter.ts';
import type { Value } from './neutral.ts';
import type { Workload } from './workloads.ts';

/** So many reads; gives how many of them were `true` or `b`, so that no read can be left out. */
export type Run = (reads: number) => number | Promise<number>;

/** The CPU time that this thread takes for so many reads. */
export async function cpuNanoseconds(run: Run, reads: number): Promise<number> {
  const before = process.threadCpuUsage();
  await run(reads);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) * 1_000;
}

const isHit = (value: Value): number => (value === true || value === 'b' ? 1 : 0);

/** The loop for a workload. Contexts and keys are made before it, as callers have theirs, except where making them is measured. */
export function prepareRun(workload: Workload, engine: Engine, isAsync: boolean): Run {
  const { reading, users, environment } = workload;
  const contexts = users.map((user) => engine.context(user));
  const keys = environment.flags.map(({ key }) => key);
  const key = keys.at(-1) ?? '';
  const kinds = environment.flags.map(({ kind }) => kind === 'string');
  const { boolean, text, all, pick, context } = engine;
  // Strides without a common divisor: flags and users come in ever new pairs.
  const flagAt = (i: number): number => (i * 7) % keys.length;
  const userAt = (i: number): number => (i * 13 + Math.trunc(i / keys.length)) % users.length;
  if (isAsync) {
    const one = async (i: number): Promise<Value> => {
      switch (reading) {
        case 'one':
          return boolean(key, contexts[i % contexts.length]);
        case 'fresh':
          return boolean(key, context(users[i % users.length]!));
        case 'any':
          return kinds[flagAt(i)] === true
            ? text(keys[flagAt(i)]!, contexts[userAt(i)])
            : boolean(keys[flagAt(i)]!, contexts[userAt(i)]);
        case 'all':
          return pick(await all(contexts[i % contexts.length]), keys[0]!);
      }
    };
    return async (reads) => {
      let hits = 0;
      for (let i = 0; i < reads; i++) hits += isHit(await one(i));
      return hits;
    };
  }
  switch (reading) {
    case 'one':
      return (reads) => {
        let hits = 0;
        for (let i = 0, at = 0; i < reads; i++) {
          hits += isHit(boolean(key, contexts[at]) as boolean);
          if (++at === contexts.length) at = 0;
        }
        return hits;
      };
    case 'fresh':
      return (reads) => {
        let hits = 0;
        for (let i = 0, at = 0; i < reads; i++) {
          hits += isHit(boolean(key, context(users[at]!)) as boolean);
          if (++at === users.length) at = 0;
        }
        return hits;
      };
    case 'any':
      return (reads) => {
        let hits = 0;
        for (let i = 0; i < reads; i++) {
          const flag = flagAt(i);
          const answer =
            kinds[flag] === true ? text(keys[flag]!, contexts[userAt(i)]) : boolean(keys[flag]!, contexts[userAt(i)]);
          hits += isHit(answer as Value);
        }
        return hits;
      };
    case 'all':
      return (reads) => {
        let hits = 0;
        for (let i = 0; i < reads; i++) hits += isHit(pick(all(contexts[i % contexts.length]), keys[0]!));
        return hits;
      };
  }
}
