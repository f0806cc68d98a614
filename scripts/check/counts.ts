/** What a step adds to the closing line. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** What failed and then passed when it was tried once more, with why it failed: it counts as passed, and somebody must look at it. */
  readonly unsteady?: readonly string[];
}

/** The part of vitest's JSON report that is counted. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults?: readonly { readonly assertionResults: readonly VitestResult[] }[];
}

interface VitestResult {
  readonly fullName: string;
  readonly status: string;
  /** Of every try. */
  readonly failureMessages: readonly string[];
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
  const results = parsed.testResults?.flatMap(({ assertionResults }) => assertionResults) ?? [];
  const unsteady = results
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages.join('\n')}`);
  return { passed, failed: isSilentFailure ? 1 : failed, ...(unsteady.length > 0 && { unsteady }) };
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
