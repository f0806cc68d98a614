import type { ValuesClient } from '@flags/sync';
import type { ShareStream } from '../tabs.ts';
import { createShareStream } from '../tabs.ts';

/** Lets the tabs that read for the same context share one stream of values, for `createBareClient`. */
export const shareStream: ShareStream<ValuesClient> = /* @__PURE__ */ createShareStream((client, position) => {
  const values = client.readings();
  return values && { type: 'VALUES', position, values };
});
