import type { Program } from '../runtime.ts';
import type { Answer, CaseAnswers, FuzzCase } from './case.ts';
import { ANSWER_MEMBERS } from './case.ts';
import { oracleAnswers } from './oracle/evaluate.ts';
import type { ProgramResult } from './program.ts';
import type { FuzzRelay } from './relay.ts';
import { readText, writeText } from './text.ts';

/** Those whose answers are compared. */
export interface Answerers {
  /** By name; the first is the one the others are held to. */
  readonly programs: ReadonlyMap<string, Pick<Program, 'call'>>;
  readonly relay?: FuzzRelay | undefined;
  /** Told what the oracle came across. */
  readonly notice: (what: string) => void;
}

/** Where answers to one case differ, one sentence each. */
export type Differences = readonly string[];

function named(answer: Answer | undefined): string {
  const members = ANSWER_MEMBERS.map((name, at) => `${name}: ${writeText(answer?.[at])}`);
  return `{ ${members.filter((member) => !member.endsWith(': null')).join(', ')} }`;
}

/** The first place where answers differ, and what everyone says there. */
function firstDifference({ keys }: FuzzCase, said: ReadonlyMap<string, CaseAnswers>): Differences {
  const everyone = [...said];
  const one = everyone[0]?.[1];
  if (!one) return [];
  for (const [ask, perKey] of one.answers.entries())
    for (const [place, pair] of perKey.entries())
      for (const typed of [0, 1] as const) {
        const texts = everyone.map(([, { answers }]) => writeText(answers[ask]?.[place]?.[typed]));
        if (texts.every((text) => text === writeText(pair[typed]))) continue;
        const says = everyone.map(([name, { answers }]) => `  ${name}: ${named(answers[ask]?.[place]?.[typed])}`);
        const fallback = typed ? 'its fallback' : 'null';
        return [`ask ${ask}, ${JSON.stringify(keys[place])} with ${fallback} as the default:\n${says.join('\n')}`];
      }
  // The oracle knows no `next`.
  const told = everyone
    .filter(([, { next }]) => next.length > 0)
    .map(([name, { next }]) => [name, writeText(next)] as const);
  if (told.every(([, text]) => text === told[0]?.[1])) return [];
  return [`nextChangeAt by ask:\n${told.map(([name, text]) => `  ${name}: ${text}`).join('\n')}`];
}

/** What is wrong with each of these cases, by its place: runtimes that differ, from each other, themselves or the oracle, or a relay. */
export async function compare(
  texts: readonly string[],
  { programs, relay, notice }: Answerers,
): Promise<ReadonlyMap<number, Differences>> {
  const results = new Map<string, readonly ProgramResult[]>();
  const relayed: (readonly string[])[] = [];
  await Promise.all([
    ...Array.from(programs, async ([name, program]) => {
      results.set(name, (await program.call(texts)) as readonly ProgramResult[]);
    }),
    (async () => {
      if (relay) for (const text of texts) relayed.push(await relay.check(text));
    })(),
  ]);
  const wrong = new Map<number, Differences>();
  for (const [index, text] of texts.entries()) {
    const own = readText(text) as FuzzCase;
    const oracle: CaseAnswers = { answers: oracleAnswers(own, notice), next: [] };
    const problems = [...results].flatMap(([name, list]) =>
      (list[index]?.problems ?? ['no answer']).map((problem) => `${name}: ${problem}`),
    );
    const given = [...results].map(([name, list]) => [name, list[index]?.text ?? ''] as const);
    // Equal texts are equal answers, and what comes first in them is what the oracle gives.
    const expected = `{"answers":${writeText(oracle.answers)},`;
    if (!given.every(([, answers]) => answers === given[0]?.[1] && answers.startsWith(expected))) {
      const read = given.map(([name, answers]) => [name, readText(answers) as CaseAnswers] as const);
      problems.push(...firstDifference(own, new Map([...read, ['oracle', oracle]])));
    }
    problems.push(...(relayed[index] ?? []).map((problem) => `relay: ${problem}`));
    if (problems.length) wrong.set(index, problems);
  }
  return wrong;
}
