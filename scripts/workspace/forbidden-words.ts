const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a path of somebody's machine", /(?<![\w.-])\/(?:work|home|root|Users|private|tmp\/\w+)\/(?=\w)/],
  ['the host of a package registry', /https?:\/\/[\w.-]*(?:registry|verdaccio|artifactory|nexus)[\w.-]*(?:[:/]|$)/i],
  ['an unfinished place', /\b(?:TO[D]O|FIX[M]E|X{3}|HAC[K])\b/],
];

/** Finds what a committed file must not say, as `line: what` of each place. */
export function forbiddenWords(text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      forbidden.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${index + 1}: ${what}`),
    );
}
