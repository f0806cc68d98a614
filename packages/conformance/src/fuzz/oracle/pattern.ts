const SPACE = '\\t\\n\\f\\r ';

/** What is refused though `RegExp` takes it: groups with a name, looks around, classes of nothing. */
const REFUSED = /\(\?[^:]|\[\^?\]/;

/** What may be escaped: shorthands, control characters, ASCII punctuation and the space. */
const ESCAPES = /^[dswDSWbBtnvfr -/:-@[-`{-~]$/;

/** The pattern as `RegExp` has to read it to mean the same: ASCII letters fold, `.` is all but a line feed, `\s` is five characters. */
function translate(source: string, fold: boolean): string | undefined {
  let translated = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const [character = '', next = ''] = [source[at], source[at + 1]];
    const range = /^([A-Za-z])-([A-Za-z])/.exec(source.slice(at));
    if (character === '\\') {
      at++;
      if (!ESCAPES.test(next) || (inClass && /[bB]/.test(next))) return undefined;
      if (next === 's') translated += inClass ? SPACE : `[${SPACE}]`;
      else if (next === 'S' && !inClass) translated += `[^${SPACE}]`;
      else translated += /[dDwWbBntrfv^$\\.*+?()[\]{}|/-]/.test(next) ? character + next : next;
    } else if (character === '[' && !inClass) {
      inClass = true;
      translated += character;
    } else if (character === ']') {
      inClass = false;
      translated += character;
    } else if (inClass && fold && range) {
      at += 2;
      const [text] = range;
      translated += text.toLowerCase() + text.toUpperCase();
    } else if (fold && /[A-Za-z]/.test(character)) {
      const both = character.toLowerCase() + character.toUpperCase();
      translated += inClass ? both : `[${both}]`;
    } else translated += character === '.' && !inClass ? '[^\\n]' : character;
  }
  return translated;
}

/** Whether there is a match anywhere, by `RegExp`; `undefined` for a pattern that is outside the subset. Slow on purpose-made patterns. */
export function matcherOf(source: string, fold: boolean): ((input: string) => boolean) | undefined {
  if (source.length > 256 || !source.isWellFormed() || REFUSED.test(source)) return undefined;
  for (const [, count = ''] of source.matchAll(/\{(\d+)/g)) if (Number(count) > 1000) return undefined;
  const translated = translate(source, fold);
  if (translated === undefined) return undefined;
  let expression: RegExp;
  try {
    expression = new RegExp(translated, 'uy');
  } catch {
    return undefined;
  }
  // At code points only: left to itself, V8 also looks between the halves of a surrogate pair.
  return (input) => {
    for (let at = 0; at <= input.length; at += (input.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) {
      expression.lastIndex = at;
      if (expression.test(input)) return true;
    }
    return false;
  };
}
