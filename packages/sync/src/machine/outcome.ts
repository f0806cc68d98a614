import { backoffDelay, drawFrom, parseRetryAfter, retryAfterDelay } from './backoff.ts';
import type { Stamp } from './event.ts';
import type { Policy } from './policy.ts';
import type { MachineState, Problem, ProblemCode } from './state.ts';

/** What a response's status line and headers mean for the request. */
export type Outcome =
  | { readonly kind: 'ok' }
  /** What is held is still current (a poll's 304). */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly problem: Problem; readonly retryAfter?: number | undefined };

interface Response {
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly retryAfter?: string | undefined;
}

/** What a request is for: the stream, a poll, or a ruleset by reference. */
export type Via = 'stream' | 'poll' | 'load';

/** What is said of a request that ended without a word. */
export const ENDED = 'the server closed the connection';

/** Classifies the response to a request. */
export function classifyResponse(via: Via, response: Response, stamp: Stamp): Outcome {
  const { status, contentType, retryAfter } = response;
  const expected = via === 'stream' ? 'text/event-stream' : 'application/json';
  const fail = (code: ProblemCode, message = `status ${status}`): Outcome => ({
    kind: 'failed',
    problem: { code, message },
    retryAfter: code === 'server' ? parseRetryAfter(retryAfter, stamp.now) : undefined,
  });
  if (status === 200) {
    const isExpected = contentType?.split(';', 1)[0]?.trim().toLowerCase() === expected;
    return isExpected ? { kind: 'ok' } : fail('blocked', `not ${expected}`);
  }
  if (status === 304 && via === 'poll') return { kind: 'unchanged' };
  if (status < 400 || status >= 500 || [408, 425, 429].includes(status)) return fail('server');
  if (status === 401 || status === 403) return fail('auth');
  if (status === 404) return fail('not-found');
  return fail(status === 410 ? 'gone' : 'refused');
}

/** How long to wait before the next attempt after this problem. */
export function retryDelay(
  code: ProblemCode,
  state: Pick<MachineState, 'failures'>,
  stamp: Stamp,
  policy: Policy,
  retryAfter?: number,
): number {
  switch (code) {
    case 'auth':
    case 'not-found':
    case 'refused':
    case 'format':
      return drawFrom(policy.refusedRetry, stamp.random);
    case 'gone':
      return drawFrom(policy.goneRetry, stamp.random);
    case 'data':
      // What stays unreadable is long, perhaps, and asked for by everyone.
      if (state.failures >= policy.fallbackFailures) return drawFrom(policy.resyncHold, stamp.random);
      return backoffDelay(state.failures, stamp.random, policy);
    case 'blocked':
      return drawFrom(policy.blockedRetry, stamp.random);
    default:
      // A server that says `Retry-After: 0` for ever, or a date that a wrong clock takes for past, is called no more often
      // than one that says nothing.
      return Math.max(
        backoffDelay(state.failures, stamp.random, policy),
        retryAfter === undefined ? 0 : retryAfterDelay(retryAfter, stamp.random, policy),
      );
  }
}

/** Whether a poll could work where the stream had this problem. */
export function canPollAfter(code: ProblemCode): boolean {
  return code !== 'auth' && code !== 'not-found' && code !== 'gone' && code !== 'format';
}
