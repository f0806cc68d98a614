import type { Entry } from './matrix.ts';
import type { Report } from './programs/program.ts';
import { SUITES } from './programs/program.ts';
import type { Outcome } from './suites/case.ts';

/** What came of a runtime. */
export interface Result {
  readonly entry: Entry;
  readonly version: string;
  /** Absent when it did not come to an end. */
  readonly report: Report | undefined;
  /** Of programs over the packed package; where there are none, absent. */
  readonly packed: Outcome | undefined;
  readonly problems: readonly string[];
}

/** The suites in the order of their columns. */
export const COLUMNS: readonly string[] = [...SUITES, 'packed'];

const INTRODUCTION = `# Runtimes

Where the packages run, with what was found there. \`npm run test:runtimes\` writes this page: it runs one suite in every runtime, each
time over the package that people use in it, and compares what all of them answer. \`npm test\` runs the same suite in those with a star.

## What holds

Cases that passed, by suite. [packages/conformance](../packages/conformance) has them.`;

/** The row of a runtime in the table of what holds, as cells. */
export function countsOf({ entry, version, report, packed }: Result): readonly string[] {
  const name = entry.isInTest ? `${entry.runtime.name} ★` : entry.runtime.name;
  const outcomes = [...(report?.outcomes ?? []), ...(packed === undefined ? [] : [packed])];
  const counts = COLUMNS.map((suite) => {
    const outcome = outcomes.find((one) => one.suite === suite);
    if (outcome === undefined) return suite === 'packed' && entry.package !== 'node' ? '–' : 'did not run';
    return outcome.failed.length === 0
      ? String(outcome.passed)
      : `${outcome.passed}, **${outcome.failed.length} failed**`;
  });
  return [name, version, `\`@flags/${entry.package}\``, ...counts];
}

/** The page of all runtimes, as Markdown. The same for the same results. */
export function runtimesPage(results: readonly Result[]): string {
  const names = Object.keys(results.find(({ report }) => report !== undefined)?.report?.found ?? {});
  const found = results.map(({ entry, report }) => [
    entry.runtime.name,
    ...names.map((name) => (report === undefined ? '' : report.found[name] === true ? 'yes' : '–')),
  ]);
  return [
    INTRODUCTION,
    table(['runtime', 'version', 'package', ...COLUMNS], results.map(countsOf)),
    `\`packed\`: programs over the tarball of \`@flags/node\`, installed in an empty folder.`,
    '## What they cannot do',
    limitsOf(results.map(({ entry }) => entry)),
    '## What was found',
    'By a probe in each of them, pages under a policy that forbids code from text. The packages need none of these but Ed25519, where keys are pinned.',
    table(['runtime', ...names], found),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

/** Limits that the suite allows for, and checks. */
function limitsOf(entries: readonly Entry[]): string {
  const namesOf = (hasIt: (entry: Entry) => boolean): string =>
    entries
      .filter(hasIt)
      .map(({ runtime }) => runtime.name)
      .join(', ');
  const lines = [
    [
      namesOf(({ limits }) => limits.follows === 'reads'),
      'a report that is redirected is not sent again: the platform hides where to',
    ],
    [namesOf(({ limits }) => limits.follows === 'nothing'), 'no redirect is followed, since the key might go along'],
    [
      namesOf(({ limits }) => limits.seesDamage === false),
      'an answer that was cut or damaged in compression looks like one that has ended; nothing false is used for that',
    ],
  ];
  return lines.map(([names, what]) => `- ${names}: ${what}.`).join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
