import { codeOf } from '../src/broken.ts';
import { compilePattern } from '../src/pattern.ts';

/** The pattern's matcher, `undefined` when the pattern is refused. */
export function matcherOf(source: string, ignoreCase: boolean): ((input: string) => boolean) | undefined {
  try {
    return compilePattern(source, ignoreCase);
  } catch (error) {
    if (codeOf(error) !== 'PATTERN') throw error;
    return undefined;
  }
}
