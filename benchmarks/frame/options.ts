import { parseArgs } from 'node:util';
import type { Amounts, Section } from './section.ts';

/** What `npm run bench` was told. */
export type Told =
  | { readonly do: 'help' }
  | {
      readonly do: 'run';
      readonly only: readonly string[];
      readonly isQuick: boolean;
      readonly amounts: Amounts;
      readonly json: string | undefined;
    }
  | { readonly do: 'complain'; readonly problem: string };

/** Reads the words after `npm run bench --`. */
export function readOptions(words: readonly string[], sections: readonly Section[]): Told {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        clients: { type: 'string' },
        stalled: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return { do: 'help' };
    const names = sections.map(({ name }) => name);
    const only = values.only?.split(',').map((name) => name.trim()) ?? names;
    const unknown = only.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      return { do: 'complain', problem: `There is no section "${unknown}". Use ${names.join(', ')}.` };
    }
    const amounts = readAmounts(values, only);
    if (typeof amounts === 'string') return { do: 'complain', problem: amounts };
    const { quick: isQuick, json } = values;
    return { do: 'run', only: names.filter((name) => only.includes(name)), isQuick, amounts, json };
  } catch (error) {
    return { do: 'complain', problem: error instanceof Error ? error.message : String(error) };
  }
}

// Above these, the ports of one address and the memory that a kernel keeps for sockets come to their end.
const HIGHEST = { clients: 25_000, stalled: 1_000 } as const;

function readAmounts(
  values: Readonly<Partial<Record<keyof Amounts, string>>>,
  only: readonly string[],
): Amounts | string {
  const amounts: Partial<Record<keyof Amounts, number>> = {};
  for (const name of ['clients', 'stalled'] as const) {
    const text = values[name];
    if (text === undefined) continue;
    if (!only.includes('sync')) return `--${name} is for the section sync, which --only leaves out.`;
    const count = /^\d+$/.test(text) ? Number(text) : 0;
    if (count < 1 || count > HIGHEST[name]) {
      return `--${name} is a whole number from 1 to ${HIGHEST[name]}, and not "${text}".`;
    }
    amounts[name] = count;
  }
  return amounts;
}

/** What `--help` prints. */
export function helpText(sections: readonly Section[]): string {
  const list = sections.map(({ name, what }) => `  ${name.padEnd(10)} ${what}`).join('\n');
  return `Measures us and what you could use instead, side by side, on this machine alone.

  npm run bench                        everything; writes benchmarks/RESULTS.md, results/ and the table of the README
  npm run bench -- --only start,size   these sections; the others of RESULTS.md stay as they are
  npm run bench -- --quick             few of everything, to see that it works; writes nothing
  npm run bench -- --json file         writes the raw numbers there as well
  npm run bench -- --only sync --clients 2000 --stalled 20
                                       so many clients (10 000), so many that stop reading (100); prints, writes nothing

Sections:
${list}
`;
}
