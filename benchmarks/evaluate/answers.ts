import type { Engine } from './adapter.ts';
import type { NeutralFlag, User, Value } from './neutral.ts';
import { rightAnswers } from './neutral.ts';
import type { Workload } from './workloads.ts';

// Four standard deviations of the half of so many: two per cent of 10 000 users.
const toleratedPercent = (users: number): number => 200 / Math.sqrt(users);

// Of flags and users where they are read one by one.
const PAIRS = 300;

/** Says which answer of an engine is wrong: of reads as the workload has them, the share that has to get `true`, and whether it sticks. */
export async function answersProblem(workload: Workload, engine: Engine): Promise<string | undefined> {
  const { environment, users, share, reading } = workload;
  const last = environment.flags.at(-1);
  if (last === undefined) return 'there is no flag';
  const read = async (flag: NeutralFlag, user: User): Promise<Value> =>
    flag.kind === 'string'
      ? engine.text(flag.key, engine.context(user))
      : engine.boolean(flag.key, engine.context(user));
  const problem = (flag: NeutralFlag, user: User, answer: Value): string | undefined => {
    const right = rightAnswers(environment, flag, user);
    if (right.includes(answer)) return undefined;
    return `${workload.name}: ${flag.key} gives ${String(answer)} to ${user.key}, and has to give ${right.join(' or ')}`;
  };
  if (reading === 'all') {
    for (const user of users.slice(0, 3)) {
      const all = await engine.all(engine.context(user));
      for (const flag of environment.flags) {
        const wrong = problem(flag, user, engine.pick(all, flag.key));
        if (wrong !== undefined) return wrong;
      }
    }
    return undefined;
  }
  const flags = reading === 'any' ? environment.flags : [last];
  for (let i = 0; i < PAIRS; i += 1) {
    const [flag = last, user] = [flags[(i * 7) % flags.length], users[(i * 13) % users.length]];
    const wrong = user === undefined ? 'there is no user' : problem(flag, user, await read(flag, user));
    if (wrong !== undefined) return wrong;
  }
  if (share === undefined) return undefined;
  const answers: Value[] = [];
  for (const user of users) answers.push(await read(last, user));
  const percent = (answers.filter((answer) => answer === true).length / users.length) * 100;
  if (Math.abs(percent - share) > toleratedPercent(users.length))
    return `${workload.name}: ${percent.toFixed(1)} % get true`;
  for (const [at, user] of users.slice(0, 200).entries()) {
    if ((await read(last, user)) !== answers[at])
      return `${workload.name}: ${user.key} got another answer the second time`;
  }
  return undefined;
}
