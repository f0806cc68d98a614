/** Who asked for flags to be read here: `POST /v1/evaluate` · OpenFeature's protocol · a stream of values. */
export const EVALUATION_ROUTES = ['evaluate', 'ofrep', 'stream'] as const;
/** What came of it: a value · no flag of this key that the caller may read · an error, which gives the caller's default. */
export const EVALUATION_RESULTS = ['value', 'not_found', 'error'] as const;

type Route = (typeof EVALUATION_ROUTES)[number];
type Result = (typeof EVALUATION_RESULTS)[number];

/** What is looked at of a reading. */
interface Outcome {
  readonly reason: string;
  readonly errorCode?: string | undefined;
}

/** How many flags were read here since it was created. Plain numbers: they are written at each read and looked at once a scrape. */
export interface EvaluationCounts {
  /** A flag was read. */
  add(route: Route, reading: Outcome): void;
  of(route: Route, result: Result): number;
}

/** Creates counts that are all zero. */
export function createEvaluationCounts(): EvaluationCounts {
  const zeros = (): Record<Result, number> => ({ value: 0, not_found: 0, error: 0 });
  const counts: Record<Route, Record<Result, number>> = { evaluate: zeros(), ofrep: zeros(), stream: zeros() };
  return {
    add: (route, { reason, errorCode }) => {
      counts[route][reason !== 'ERROR' ? 'value' : errorCode === 'FLAG_NOT_FOUND' ? 'not_found' : 'error'] += 1;
    },
    of: (route, result) => counts[route][result],
  };
}
