import type { FlagClient } from '@flags/sync';
import { rulesetJsonOf } from '@flags/sync';
import type { ShareStream } from './tabs.ts';
import { createShareStream } from './tabs.ts';

/** Lets all tabs share one stream of rules, for `createBareClient`. */
export const shareStream: ShareStream<FlagClient> = /* @__PURE__ */ createShareStream((client, position) => {
  const rules = client.snapshot();
  return rules && { type: 'FULL_SYNC', position, reason: 'tab', ruleset: rulesetJsonOf(rules) };
});
