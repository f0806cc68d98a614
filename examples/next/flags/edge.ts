import { createEdgeFlags } from '@flags/edge';
import { contextFor } from './visitor.ts';
import { need } from './need.ts';

/** Flags for the middleware: evaluated there, asked for anew while it serves. */
export const edge = createEdgeFlags({
  url: need('FLAGS_URL'),
  key: need('FLAGS_SERVER_KEY'),
  context: (_request, anonymousId) => contextFor(anonymousId),
});
