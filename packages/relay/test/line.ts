import type { Message } from '@flags/sync';
import { parseMessage } from '@flags/sync';
import { createEnvironment } from '../src/environment.ts';
import type { Hub } from '../src/hub/hub.ts';
import { createHub } from '../src/hub/hub.ts';
import type { HubOptions } from '../src/hub/options.ts';
import type { Outlet } from '../src/hub/stream.ts';
import type { ViewName } from '../src/view.ts';
import { viewOf } from './holder.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';

/** A connection that keeps what is written to it. */
export interface Line extends Outlet {
  unsent: number;
  readonly messages: Message[];
  comments: number;
  onWrite: ((message: Message) => void) | undefined;
  /** How the hub closed it. */
  closed: 'not' | 'ended' | 'destroyed';
  /** Everything is taken. */
  drain(): void;
  /** The client goes. */
  close(): void;
}

/** A connection of a reader that takes everything at once, until `unsent` is set. */
export function createLine(): Line {
  const messages: Message[] = [];
  let [drained, closed] = [(): void => {}, (): void => {}];
  const self: Line = {
    unsent: 0,
    messages,
    comments: 0,
    onWrite: undefined,
    closed: 'not',
    write: (bytes) => {
      if (String(bytes) === ':\n\n') {
        self.comments += 1;
        return;
      }
      const [, event = '', data = ''] = /^event: (.*)\n(?:id: .*\n)?data: (.*)\n\n$/.exec(String(bytes)) ?? [];
      const parsed = parseMessage(event, data);
      if (parsed.kind !== 'message') throw new Error(`not a message: ${String(bytes)}`);
      messages.push(parsed.message);
      self.onWrite?.(parsed.message);
    },
    end: () => {
      self.closed = 'ended';
      if (self.unsent === 0) closed();
    },
    destroy: () => {
      self.closed = 'destroyed';
      closed();
    },
    onceDrained: (listener) => {
      drained = listener;
    },
    onClose: (listener, stream) => {
      closed = () => listener(stream);
    },
    drain: () => {
      self.unsent = 0;
      const listener = drained;
      drained = () => {};
      listener();
    },
    close: () => closed(),
  };
  return self;
}

/** A hub on ten flags, and ways to move it. */
export interface HubSetup {
  readonly hub: Hub;
  /** Changes one flag and publishes it. */
  readonly change: (version: number, key?: string, note?: string) => void;
  /** Opens a stream; its line may be set up first. */
  readonly join: (keyId?: string, prepare?: (line: Line) => void, as?: ViewName) => Line;
}

/** Creates a hub without streams. */
export function setUpHub(options: Partial<HubOptions> = {}): HubSetup {
  const environment = createEnvironment();
  environment.replace(ruleset(1, manyFlags(10)));
  const hub = createHub(options);
  return {
    hub,
    change: (version, key = 'f0', note = '') => {
      environment.apply({ version, flags: { [key]: flag(key, version, { note }) } });
      hub.publish();
    },
    join: (keyId = 'key', prepare, as = 'server') => {
      const line = createLine();
      prepare?.(line);
      hub.open(line, viewOf(environment, as), { keyId, held: undefined });
      return line;
    },
  };
}

/** The versions of the changes a connection got, the first full sync among them. */
export function versions({ messages }: Line): number[] {
  return messages.flatMap((message) =>
    message.type === 'HEARTBEAT' || message.type === 'GOODBYE' ? [] : [message.position.version],
  );
}
