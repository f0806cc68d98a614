/**
 * What tabs tell each other. `join`: a follower wants the stream from where it stands; `wait`: the leader has nothing to tell yet;
 * `start`: what brings this follower to the leader's state; `text`: whole events, for everyone; `head`: the relay refuses;
 * `end`: the stream is over; `lead`: there is a new leader.
 */
export type TabMessage =
  | { readonly type: 'join'; readonly id: string; readonly position: string | undefined }
  | { readonly type: 'wait'; readonly id: string }
  | { readonly type: 'start'; readonly id: string; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'head'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly type: 'end'; readonly problem: string | undefined }
  | { readonly type: 'lead' };

/** Takes what came over a channel; `undefined` for what is no message. Events in it meet the parser of the protocol. */
export function parseTabMessage(data: unknown): TabMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, id, position, text, status, retryAfter, problem } = data as Readonly<Record<string, unknown>>;
  const word = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  if (type === 'lead') return { type };
  if (type === 'end') return { type, problem: word(problem) };
  if (type === 'text' && typeof text === 'string') return { type, text };
  if (type === 'head' && typeof status === 'number') return { type, status, retryAfter: word(retryAfter) };
  if (typeof id !== 'string') return undefined;
  if (type === 'join') return { type, id, position: word(position) };
  if (type === 'wait') return { type, id };
  return type === 'start' && typeof text === 'string' ? { type, id, text } : undefined;
}
