/** A program that was loaded into a runtime and waits to be called. */
export interface Program {
  /**
   * Calls `run` of the program with a copy of the input, and gives a copy of what it answers; both go as JSON. Calls may overlap,
   * and share what the program keeps in memory. Rejects with what `run` threw.
   */
  call(input: unknown): Promise<unknown>;
  /** Ends the runtime together with all that the program has going on. */
  close(): Promise<void>;
}

/** A place where programs run. */
export interface Runtime {
  readonly name: string;
  /** Its version, as `24.21.0`. Rejects where the runtime is missing. */
  version(): Promise<string>;
  /**
   * Starts the runtime afresh and loads a program into it.
   *
   * @param entry Path of a TypeScript file that exports `run(input)`, which answers JSON or a promise of it. It is bundled for this
   * runtime with all that it imports.
   * @throws when the runtime is missing or does not start, or the program fails while it is loaded.
   */
  load(entry: string): Promise<Program>;
}

/** What a call came to, as it crosses the border of a runtime. */
type Answer = { readonly value?: unknown } | { readonly error: string };

/**
 * The text of a function for the other side of the border: `answer(run, text)` calls the program with an input as JSON and gives
 * its answer, or what it threw, as JSON.
 */
export const ANSWER = `const inOneLine = (json) => json.replace(/[\\u2028\\u2029]/g, (end) => '\\\\u' + end.charCodeAt(0).toString(16));
const answer = async (run, text) => {
  try {
    return inOneLine(JSON.stringify({ value: await run(JSON.parse(text)) }));
  } catch (error) {
    return inOneLine(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
};
`;

/**
 * Reads what `answer` gave.
 *
 * @throws what the program threw, as text.
 */
export function readAnswer(text: string): unknown {
  const answer = JSON.parse(text) as Answer;
  if ('error' in answer) throw new Error(answer.error);
  return answer.value;
}

/** An input as the text that crosses the border: one line, also for those who take U+2028 and U+2029 for the end of one. */
export function writeInput(input: unknown): string {
  const json = JSON.stringify(input) ?? 'null';
  return json.replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
}
