import { type FileProblem, type FlagEntries, parseFlagFile } from '../src/index.ts';

/** A moment in the year that new zones begin in. */
export const NOW: number = Date.UTC(2026, 10, 21);

/** The entries of a text that has to be right. */
export function expand(text: string): FlagEntries {
  const result = parseFlagFile(text, { now: NOW });
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.entries;
}

/** The problems of a text that has to be wrong. */
export function problemsOf(text: string): readonly FileProblem[] {
  const result = parseFlagFile(text, { now: NOW });
  if (result.ok) throw new Error('The text is right.');
  return result.problems;
}

/** The one flag of a text, indented below its key. */
export function expandFlag(body: string, rest = ''): unknown {
  const indented = body.replaceAll('\n', '\n    ');
  const text = `flags:\n  other: true\n  tested:\n    ${indented}\n${rest}`;
  return JSON.parse(JSON.stringify(expand(text).flags.get('tested')));
}

/** The condition that a text expands to. */
export function expandCondition(condition: string): unknown {
  const rest = 'segments: { beta: [u-1], paying: { if: { plan: pro } } }';
  const flag = expandFlag(`rules: [{ id: r, if: ${condition}, serve: on }]`, rest);
  return (flag as { rules: { when: unknown }[] }).rules[0]!.when;
}

/** What a text after `serve:` expands to, in a flag with the variations on, off and half. */
export function expandServe(serve: string): unknown {
  const flag = expandFlag(`variations: { on: 1, off: 0, half: 2 }\nserve: ${serve}`);
  return (flag as { fallthrough: unknown }).fallthrough;
}
