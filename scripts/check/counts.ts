/** What a step adds to the closing line. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** The part of vitest's JSON report that is counted. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

/** Counts a step that is one thing: it passes or fails as a whole. */
export function countStep(succeeded: boolean): Counts {
  return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * Counts each test of a vitest run. A test that was skipped or is yet to be written counts as failed, and so does a run that
 * failed without a failed test: a file that cannot be loaded, an error outside every test, a report that was not written.
 */
export function countVitest(succeeded: boolean, report: string | undefined): Counts {
  const parsed = report === undefined ? undefined : parseReport(report);
  if (!parsed) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = parsed;
  const failed = numFailedTests + numPendingTests + numTodoTests;
  const isSilentFailure = failed === 0 && (!succeeded || passed === 0);
  return { passed, failed: isSilentFailure ? 1 : failed };
}

// A run that was stopped may leave half a report.
function parseReport(text: string): VitestReport | undefined {
  try {
    return JSON.parse(text) as VitestReport;
  } catch {
    return undefined;
  }
}

/** Adds up what all steps counted. */
export function sumCounts(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}
