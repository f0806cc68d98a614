import type { FlagClient, Message } from '@flags/sync';
import { formatMessage, parsePosition, rulesetJsonOf } from '@flags/sync';

/**
 * The events that bring someone who stands at `position` to where a live client stands: its rules unless they are the same, and a
 * heartbeat. `undefined` while the client is not live.
 */
export function catchUp(
  client: FlagClient,
  now: number,
  position: string | undefined,
  intervalMs: number | undefined,
): string | undefined {
  const { state, position: text } = client.status();
  const held = parsePosition(text);
  const rules = client.snapshot();
  if (state !== 'live' || held === undefined || rules === undefined) return undefined;
  const messages: Message[] = [];
  if (position !== text) {
    messages.push({ type: 'FULL_SYNC', position: held, reason: 'tab', ruleset: rulesetJsonOf(rules) });
  }
  const interval = intervalMs === undefined ? {} : { intervalMs };
  messages.push({ type: 'HEARTBEAT', position: held, time: now, ...interval });
  return messages.map(formatMessage).join('');
}
