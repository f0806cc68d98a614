/** Throws unless the two are the same value. Suites belong to no test runner. */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (Object.is(actual, expected)) return;
  throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
