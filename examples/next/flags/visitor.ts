import { readAnonymousId, type EvaluationContext } from '@flags/edge';
import { need } from './need.ts';

/** The context for an id. Middleware, server and page have the same, or they would not agree. A real app adds who is signed in. */
export function contextFor(anonymousId: string | undefined): EvaluationContext {
  return anonymousId === undefined ? {} : { targetingKey: anonymousId };
}

/** The context of a request, whose cookie has the id that the middleware gave. */
export function contextOf(headers: Headers): EvaluationContext {
  return contextFor(readAnonymousId({ headers }));
}

/** Where pages get their flags, and with which public key. */
export interface RelayForPages {
  readonly url: string;
  readonly key: string;
}

/** Read when a page is rendered: one build serves every environment. */
export function relayForPages(): RelayForPages {
  return { url: need('FLAGS_URL'), key: need('FLAGS_CLIENT_KEY') };
}
