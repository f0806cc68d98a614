import type { FlagClient, Message, Position } from '@flags/sync';
import { formatMessage, parsePosition } from '@flags/sync';

/** What of a client is needed. */
export type TabClient = Pick<FlagClient, 'status'>;

/** Everything that a client holds, as the relay would say it; `undefined` before there is anything. */
export type TellAll<Client> = (client: Client, position: Position) => Message | undefined;

/**
 * The events that bring someone who stands at `position` to where a live client stands: all that it holds unless that is the same,
 * and a heartbeat. `undefined` while the client is not live.
 */
export function catchUp<Client extends TabClient>(
  client: Client,
  tell: TellAll<Client>,
  now: number,
  position: string | undefined,
  intervalMs: number | undefined,
): string | undefined {
  const { state, position: text } = client.status();
  const held = parsePosition(text);
  const all = held && tell(client, held);
  if (state !== 'live' || held === undefined || all === undefined) return undefined;
  const interval = intervalMs === undefined ? {} : { intervalMs };
  const heartbeat: Message = { type: 'HEARTBEAT', position: held, time: now, ...interval };
  return (position === text ? [heartbeat] : [all, heartbeat]).map(formatMessage).join('');
}
