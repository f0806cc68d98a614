import type { Ruleset } from '@flags/core';
import { readVectors } from '../vectors/read.ts';
import type { Entry } from './matrix.ts';
import { programOf } from './matrix.ts';
import type { Given, Report } from './programs/program.ts';
import { startRemoteHost } from './remote-host.ts';
import type { RemoteHost } from './remote-host.ts';
import type { Signed } from './suites/verify.ts';

/**
 * Runs the whole suite in a runtime.
 *
 * @throws when the runtime or the program does not start, or ends before it has answered.
 */
export async function runSuite(entry: Entry): Promise<Report> {
  const host = await startRemoteHost();
  try {
    const program = await entry.runtime.load(programOf(entry));
    try {
      const given: Given = {
        vectors: readVectors(),
        signed: await sign(host),
        remote: host.url,
        limits: entry.limits,
      };
      return (await program.call(given)) as Report;
    } finally {
      await program.close();
    }
  } finally {
    await host.close();
  }
}

/** What does not hold in this runtime: cases that failed, and answers that differ from those of another. */
export function problemsOf({ outcomes }: Report, other: Report): readonly string[] {
  return outcomes.flatMap(({ suite, failed, answers }) => {
    const theirs = other.outcomes.find((outcome) => outcome.suite === suite)?.answers ?? {};
    const names = Object.keys({ ...answers, ...theirs });
    return [
      ...failed.map(({ name, problem }) => `${suite}: ${name}: ${problem}`),
      ...names
        .filter((name) => answers[name] !== theirs[name])
        .map((name) => `${suite}: ${name}: the answer is another one here`),
    ];
  });
}

/** What a relay that signs gives to a client key. */
async function sign(host: RemoteHost): Promise<Signed> {
  const { url, key, publicKey } = await host.startRelay('one');
  const response = await fetch(`${url}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await response.json()) as {
    readonly data: { readonly ruleset: Ruleset; readonly position: string };
  };
  return { ruleset: data.ruleset, position: data.position, publicKey };
}
