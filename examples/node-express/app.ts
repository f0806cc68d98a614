import { randomBytes } from 'node:crypto';
import type { FlagClient } from '@flags/node';
import express from 'express';
import type { Express } from 'express';
import { renderPage } from './page.ts';
import { requestFlags } from './request-flags.ts';

/** The service, with any client: that of the process, or one of a test. */
export function createApp(client: FlagClient): Express {
  const app = express().disable('x-powered-by').use(requestFlags(client));

  app.get('/', ({ flags }, response) => {
    const nonce = randomBytes(16).toString('base64');
    response
      // It is somebody's page, and its nonce is good once.
      .set('cache-control', 'private, no-store')
      .set('content-security-policy', `default-src 'none'; script-src 'nonce-${nonce}'`)
      .send(renderPage(flags, nonce));
  });

  app.get('/api/shipping', ({ flags }, response) => {
    response.set('cache-control', 'private, no-store').json({ freeFrom: flags.value('free-shipping-from', 50) });
  });

  // Ready to serve from the start: without rules there are defaults. Whether they are current is worth to know.
  app.get('/healthz', (_request, response) => {
    const { state, stale } = client.status();
    response.json({ flags: state, stale });
  });

  return app;
}
