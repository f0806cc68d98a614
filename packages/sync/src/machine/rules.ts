import type { CompileOptions } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import { applyDelta, holdRuleset, judgeDelta } from '../protocol/change.ts';
import type { Content } from './content.ts';

/** Holds rules, compiled. */
export function createRules(options: CompileOptions = {}): Content<HeldState> {
  return {
    sort: (message) => {
      if (message.type === 'VALUES') return 'values where rules are expected';
      if (message.type !== 'FULL_SYNC') return { kind: 'change', change: message };
      if ('ref' in message) return { kind: 'ref', message };
      return { kind: 'whole', position: message.position, json: message.ruleset };
    },
    whole: (json, position) => {
      const ruleset = compileRuleset(json, options);
      if (ruleset.invalid === 'FORMAT') {
        return { code: 'format', message: 'unknown format' };
      }
      if (ruleset.invalid !== undefined) {
        return { code: 'data', message: 'no ruleset' };
      }
      return holdRuleset(ruleset, position);
    },
    judge: (held, change) => (change.type === 'VALUES' ? 'ignore' : judgeDelta(held?.position, change)),
    apply: (held, change) => (change.type === 'VALUES' ? held : applyDelta(held, change)),
  };
}
