import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { formatPosition } from '@flags/sync';
import type { Feed, FeedAnswer, NamedSync } from './feed.ts';
import type { Answer, View, ViewName } from './view.ts';

/** Rulesets that streams only name, so that they are sent compressed and can be kept by caches. */
export interface Rulesets {
  /** The same feed, whose long full syncs name their ruleset. For readers that say they can fetch one. */
  feedOf(view: View): Feed;
  /** The ruleset of a view at a position, as it was named; of the last few positions. */
  find(view: ViewName, position: string): Buffer | undefined;
}

/** In bytes. Longer rulesets are named: compressing them saves more than a request costs. */
const MAX_INLINE = 256 * 1024;
/** Of each view: who was told of one asks for it within seconds. */
const KEPT = 4;

type FullMessage = Extract<Extract<Answer, { kind: 'message' }>['message'], { type: 'FULL_SYNC' }>;

/** Creates the rulesets of a relay whose routes stand below this prefix. */
export function createRulesets(prefix: string): Rulesets {
  const kept: Readonly<Record<ViewName, Map<string, Buffer>>> = { server: new Map(), client: new Map() };
  const feeds = new WeakMap<View, Feed>();
  const named = new WeakMap<object, FeedAnswer>();

  const name = (view: ViewName, message: FullMessage): NamedSync | undefined => {
    const { position, reason, ruleset } = message;
    const bytes = Buffer.from(JSON.stringify(ruleset));
    if (bytes.length <= MAX_INLINE) return undefined;
    const key = formatPosition(position);
    const ofView = kept[view];
    ofView.delete(key);
    ofView.set(key, bytes);
    const [oldest] = ofView.keys();
    if (ofView.size > KEPT && oldest !== undefined) ofView.delete(oldest);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const ref = { url: `${prefix}/v1/ruleset?position=${key}`, bytes: bytes.length, sha256 };
    return { type: 'FULL_SYNC', position, reason, ref };
  };

  return {
    feedOf: (view) => {
      let feed = feeds.get(view);
      if (feed === undefined) {
        feed = {
          name: view.name,
          get position() {
            return view.position;
          },
          answer: (held) => {
            const answer = view.answer(held);
            if (answer.kind !== 'message' || answer.message.type !== 'FULL_SYNC') return answer;
            let known = named.get(answer);
            if (known !== undefined) return known;
            const message = name(view.name, answer.message);
            known = message === undefined ? answer : { kind: 'message', message };
            named.set(answer, known);
            return known;
          },
        };
        feeds.set(view, feed);
      }
      return feed;
    },
    find: (view, position) => kept[view].get(position),
  };
}
