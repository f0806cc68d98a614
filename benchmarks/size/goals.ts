import { bytes } from '../frame/format.ts';
import type { Goal } from '../frame/goals.ts';
import type { SizeNumbers } from './page.ts';

const WHOLE = `The evaluator with every operator and its bounds takes 9 kB of it, the parser of event streams 1.4 kB. The rest is what a client does when something
  goes wrong, in many small parts; whole features are what could still be left out by default.`;

/** What pages and servers are to load. */
export function sizeGoals({ pages, installs }: SizeNumbers): readonly Goal[] {
  const gzip = (name: string): number => pages.find((page) => page.name === name)?.gzip ?? Number.NaN;
  const node = installs.find(({ name }) => name === '@flags/node');
  const why = WHOLE;
  return [
    { what: 'a page that evaluates, gzip', goal: 8_000, measured: gzip('@flags/browser'), show: bytes, why },
    {
      what: 'a page that asks for values, gzip',
      goal: 5_000,
      measured: gzip('@flags/browser/remote'),
      show: bytes,
      why: 'As above, without the evaluator.',
    },
    { what: 'packages of @flags/node', goal: 4, measured: node?.packages ?? Number.NaN, show: String },
    { what: 'bytes of @flags/node, unpacked', goal: 1e6, measured: node?.bytes ?? Number.NaN, show: bytes },
  ];
}
