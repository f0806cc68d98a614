import type { Chart } from './chart.ts';
import type { Goal } from './goals.ts';

/** How much of what is done; absent: as the section's README says. */
export interface Amounts {
  /** Clients that get a change. */
  readonly clients?: number;
  /** Readers that stop reading. */
  readonly stalled?: number;
}

/** What a run of a section is told. */
export interface RunOptions {
  /** Few of everything, to see that it works; such numbers are never written into RESULTS. */
  readonly isQuick: boolean;
  /** Other amounts than usual. */
  readonly amounts: Amounts;
  /** Shows how far it is. */
  readonly log: (line: string) => void;
}

/** How the numbers of a section look on the page. */
export interface Page {
  /** Markdown below the section's heading, with `![…](name)` for each chart. */
  readonly text: string;
  /** Charts by their file names, such as `evaluate.svg`. */
  readonly charts: Readonly<Record<string, Chart>>;
  /** What the project's README may quote. */
  readonly highlights: readonly Highlight[];
}

/** One line that the README quotes; each figure stands on the page as well. */
export interface Highlight {
  readonly what: string;
  readonly ours: string;
  /** The best of others, with its name. */
  readonly others: string;
}

/** One part of the benchmark. `Numbers` is plain JSON: the page is made of it alone, now or later. */
export interface Section<Numbers = never> {
  readonly name: string;
  readonly title: string;
  /** One line for `--help`. */
  readonly what: string;
  run(options: RunOptions): Promise<unknown>;
  /** Of what `run` gave, now or another day. */
  render(numbers: Numbers): Page;
  /** What is aimed at, beside it. */
  goals(numbers: Numbers): readonly Goal[];
}
