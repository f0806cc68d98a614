import * as fc from 'fast-check';
import { caseArbitrary } from './arbitrary/case.ts';
import type { FuzzCase } from './case.ts';
import type { Answerers, Differences } from './compare.ts';
import { compare } from './compare.ts';
import { reduceCase } from './reduce.ts';
import { writeText } from './text.ts';

/** What a run may take. */
export interface RunOptions {
  /** Any 32-bit integer; the same seed gives the same cases. */
  readonly seed: number;
  /** Ends before it begins another batch after so many milliseconds, or cases. */
  readonly ms: number;
  readonly cases?: number;
  /** How long a finding may be made smaller; 60 000 ms when absent. */
  readonly shrinkMs?: number;
  /** Called after each batch. */
  readonly onProgress?: (counts: RunCounts) => void;
}

/** How far a run is. */
export interface RunCounts {
  readonly cases: number;
  /** Reads of one flag for one context, in each runtime: both defaults counted. */
  readonly reads: number;
  readonly ms: number;
}

/** A case that not everyone answers alike. */
export interface Finding {
  /** Gives this case again, as one of the first `BATCH`. */
  readonly seed: number;
  readonly differences: Differences;
  /** The smallest case that still shows it, as `writeText` writes it. */
  readonly smallest: string;
}

/** What a run came to. */
export interface RunResult extends RunCounts {
  readonly finding: Finding | undefined;
}

/** Cases that are asked at a time. */
export const BATCH = 20;

function casesOf(seed: number, each: (text: string) => void): void {
  fc.assert(
    fc.property(caseArbitrary, (made) => {
      each(writeText(made));
    }),
    { seed, numRuns: BATCH },
  );
}

/** What kind of difference it is: who is wrong, and in what. */
function kindOf([first = '']: Differences): string {
  if (first.startsWith('ask ')) return 'answers';
  const [what = ''] = first.split(/ gives |\n/);
  // Which ask and which flag does not matter.
  return what.replace(/"(?:[^"\\]|\\.)*"|\d+/g, '');
}

async function shrink(
  seed: number,
  text: string,
  first: Differences,
  answerers: Answerers,
  ms: number,
): Promise<Finding> {
  const until = Date.now() + ms;
  const notice = (): void => {};
  const { relay } = answerers;
  const kind = kindOf(first);
  let asked: Answerers = { ...answerers, notice };
  const shows = async (texts: readonly string[]): Promise<number> => {
    const wrong = await compare(texts, asked).catch(() => new Map<number, Differences>());
    const places = [...wrong].filter(([, differences]) => kindOf(differences) === kind).map(([place]) => place);
    return Math.min(...places, Infinity) === Infinity ? -1 : Math.min(...places);
  };
  // One who differs from the oracle is enough, and asked sooner than all.
  const alone = Array.from(answerers.programs, (program): Answerers => ({ programs: new Map([program]), notice }));
  for (const one of [...alone, { programs: new Map(), relay, notice }]) {
    asked = one;
    if ((await shows([text])) >= 0) break;
    asked = { ...answerers, notice };
  }
  // fast-check first: it knows what the parts of a case are. Then whatever can be left out.
  const { counterexample } = await fc.check(
    fc.asyncProperty(caseArbitrary, async (made) => (await shows([writeText(made)])) < 0),
    { seed, numRuns: BATCH, interruptAfterTimeLimit: ms / 4, markInterruptAsFailure: true },
  );
  const [made] = counterexample ?? [];
  const begin = made === undefined ? text : writeText(made);
  const smallest = await reduceCase((await shows([begin])) < 0 ? text : begin, shows, until);
  const [differences = first] = (await compare([smallest], { ...answerers, notice })).values();
  return { seed, differences, smallest };
}

/** Makes cases and compares everyone's answers until the time is over or they differ. */
export async function runFuzz(options: RunOptions, answerers: Answerers): Promise<RunResult> {
  const { seed, ms, cases: most = Infinity, shrinkMs = 60_000, onProgress = () => {} } = options;
  const start = Date.now();
  let cases = 0;
  let reads = 0;
  const counts = (): RunCounts => ({ cases, reads, ms: Date.now() - start });
  while (cases < most && Date.now() - start < ms) {
    const own = (seed + cases / BATCH) | 0;
    const texts: string[] = [];
    casesOf(own, (text) => texts.push(text));
    const wrong = await compare(texts, answerers);
    for (const text of texts) {
      const { asks, keys } = JSON.parse(text) as FuzzCase;
      reads += asks.length * keys.length * 2;
    }
    cases += BATCH;
    onProgress(counts());
    for (const [place, differences] of wrong) {
      const finding = await shrink(own, texts[place] ?? '', differences, answerers, shrinkMs);
      return { ...counts(), finding };
    }
  }
  return { ...counts(), finding: undefined };
}

/** A finding in words: how to see it again, what everyone says, and the case to put into a test. */
export function describeFinding({ seed, differences, smallest }: Finding): string {
  return `Seed ${seed}:\n${differences.join('\n')}\n\nThe smallest case that shows it:\n${smallest}\n`;
}
