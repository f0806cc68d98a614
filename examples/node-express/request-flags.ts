import { createBootstrap, renderBootstrap } from '@flags/node';
import type { EvaluationContext, FlagClient, FlagReader } from '@flags/node';
import type { Request, RequestHandler } from 'express';

/** Reads for whoever sent a request. */
export interface RequestFlags extends FlagReader {
  /** A script with what flags give, as far as browsers may see them, for the head of a page. */
  script(nonce: string): string;
}

declare global {
  /** The flags that are read here. A name or a default that is not of these does not compile. */
  interface FlagTypes {
    'welcome-text': string;
    'new-checkout': boolean;
    'free-shipping-from': number;
  }

  namespace Express {
    interface Request {
      flags: RequestFlags;
    }
  }
}

/** Puts flags into every request: `request.flags.value('new-checkout', false)`. They are read from memory, so nothing waits. */
export function requestFlags(client: FlagClient): RequestHandler {
  return (request, _response, next) => {
    const context = contextOf(request);
    request.flags = {
      ...client.forContext(context),
      script: (nonce) => renderBootstrap(createBootstrap(client.snapshot(), context, Date.now()), { nonce }),
    };
    next();
  };
}

/** Whom flags are for. In a service of yours: what its session knows. */
function contextOf({ headers }: Request): EvaluationContext {
  const [, user] = /(?:^|;\s*)user=([\w-]+)/.exec(headers.cookie ?? '') ?? [];
  return user === undefined
    ? {}
    : { targetingKey: user, plan: user.startsWith('pro-') ? 'pro' : 'free', country: 'DE' };
}
