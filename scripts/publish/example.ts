/** A program taken from a README. */
export interface Example {
  /** An ES module. */
  readonly module: string;
  /** The same for CommonJS. */
  readonly commonJs: string;
  /** The lines that it says it prints, in order: each `// → text` of the example. */
  readonly prints: readonly string[];
}

/** Takes the first fenced block of js, a README's example, or throws when there is none. */
export function readExample(readme: string): Example {
  const [, module] = /^```js\n(.*?)^```/ms.exec(readme) ?? [];
  if (!module) throw new Error('The README has no fenced block of js.');
  const prints = [...module.matchAll(/\/\/ → (.+)$/gm)].map(([, text = '']) => text.trim());
  return { module, commonJs: toCommonJs(module), prints };
}

// An example is a user's first program: plain imports at the top, and perhaps `await`.
function toCommonJs(module: string): string {
  const imports: string[] = [];
  const body = module.replace(/^import (.+?) from ('.+?');?\n/gms, (_, names: string, from: string) => {
    imports.push(`const ${names.replaceAll(' as ', ': ')} = require(${from});\n`);
    return '';
  });
  if (/^\s*(?:import|export)\b(?!\()/m.test(body))
    throw new Error('The example has an import or export that CommonJS cannot have.');
  return `'use strict';\n${imports.join('')}(async () => {\n${body}})();\n`;
}
