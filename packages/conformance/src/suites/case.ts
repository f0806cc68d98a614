import { canonicalize } from '@flags/sync';
import { xxh32 } from '@flags/core';

/** One thing that has to hold. */
export interface Case {
  readonly name: string;
  /** Throws, or rejects, when it does not hold. What it gives, as JSON, has to be the same in every runtime. */
  readonly run: () => unknown;
}

/** What came of the cases of a suite in one runtime. */
export interface Outcome {
  readonly suite: string;
  readonly passed: number;
  readonly failed: readonly { readonly name: string; readonly problem: string }[];
  /** A hash of what each case gave, in canonical form, by its name; of those that gave something. */
  readonly answers: Readonly<Record<string, number>>;
}

// The longest that a case may take, on a busy machine.
const PATIENCE = 20_000;

/** Runs the cases of a suite, one after the other. */
export async function runCases(suite: string, cases: readonly Case[]): Promise<Outcome> {
  let passed = 0;
  const failed: { readonly name: string; readonly problem: string }[] = [];
  const answers: Record<string, number> = {};
  for (const { name, run } of cases) {
    try {
      const answer = await inTime(run());
      if (answer !== undefined) answers[name] = xxh32(canonicalize(JSON.parse(JSON.stringify(answer))));
      passed += 1;
    } catch (error) {
      failed.push({ name, problem: String(error) });
    }
  }
  return { suite, passed, failed, answers };
}

async function inTime(work: unknown): Promise<unknown> {
  if (!(work instanceof Promise)) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${PATIENCE} ms`)), PATIENCE);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Throws unless the two are the same JSON.
 *
 * @throws {Error} that shows both.
 */
export function expectSame(actual: unknown, expected: unknown): void {
  const [given, wanted] = [textOf(actual), textOf(expected)];
  if (given !== wanted) throw new Error(`expected ${wanted.slice(0, 500)}, got ${given.slice(0, 500)}`);
}

// Maps and what JSON leaves out are none of these suites' answers; members have no order.
function textOf(value: unknown): string {
  return value === undefined ? 'undefined' : canonicalize(JSON.parse(JSON.stringify(value)));
}
