import { parseArgs } from 'node:util';
import type { Section } from './section.ts';

/** What `npm run bench` was told. */
export type Told =
  | { readonly do: 'help' }
  | {
      readonly do: 'run';
      readonly only: readonly string[];
      readonly isQuick: boolean;
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
    return { do: 'run', only: names.filter((name) => only.includes(name)), isQuick: values.quick, json: values.json };
  } catch (error) {
    return { do: 'complain', problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What `--help` prints. */
export function helpText(sections: readonly Section[]): string {
  const list = sections.map(({ name, what }) => `  ${name.padEnd(10)} ${what}`).join('\n');
  return `Measures us and what you could use instead, side by side, on this machine alone.

  npm run bench                        everything; writes benchmarks/RESULTS.md, results/ and the table of the README
  npm run bench -- --only start,size   these sections; the others of RESULTS.md stay as they are
  npm run bench -- --quick             few of everything, to see that it works; writes nothing
  npm run bench -- --json file         writes the raw numbers there as well

Sections:
${list}
`;
}
