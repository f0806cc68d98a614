import type { Effect } from '../machine/effect.ts';
import type { MachineEvent } from '../machine/event.ts';
import type { Policy } from '../machine/policy.ts';
import { INITIAL_STATE } from '../machine/state.ts';
import type { MachineState } from '../machine/state.ts';
import { step } from '../machine/step.ts';
import { createEventStream } from '../protocol/event-stream.ts';
import type { KeySource } from './key-source.ts';
import type { Connection, Logger, Ports, TransportReceiver } from './ports.ts';
import { createPollBody } from './poll-body.ts';

/** What a runtime needs beside the ports. */
export interface RuntimeSettings {
  readonly url: string;
  readonly keys: KeySource;
  readonly policy: Policy;
  readonly logger: Logger;
  /** Gets the effects that are for the client: `changed` and `status`. The state is already the new one. */
  readonly onEffect: (effect: Effect) => void;
}

/** The machine, running: events in, effects carried out. */
export interface Runtime {
  readonly state: () => MachineState;
  readonly dispatch: (event: MachineEvent) => void;
}

const IDLE: Connection = { close: () => {} };

/** Runs the sync machine over ports. It decides nothing: it stamps events, asks `step()`, and does what it says. */
export function createRuntime(settings: RuntimeSettings, ports: Ports): Runtime {
  const { clock, random, transport } = ports;
  const connections = new Map<number, Connection>();
  const waiting: MachineEvent[] = [];
  let state = INITIAL_STATE;
  let busy = false;
  let cancelTimer: () => void = () => {};

  function dispatch(event: MachineEvent): void {
    waiting.push(event);
    // Effects may cause events at once; each waits until the step before it is done.
    if (busy) return;
    busy = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const stamped = { ...next, at: clock.monotonic(), now: clock.now(), random: random() };
        const { state: after, effects } = step(state, stamped, settings.policy);
        state = after;
        for (const effect of effects) perform(effect);
      }
    } finally {
      busy = false;
    }
  }

  function perform(effect: Effect): void {
    switch (effect.type) {
      case 'connect':
        return open(effect, '/v1/stream', streamReceiver(effect.request));
      case 'poll':
        return open(effect, '/v1/snapshot', pollReceiver(effect.request));
      case 'cancel':
        connections.get(effect.request)?.close();
        connections.delete(effect.request);
        return undefined;
      case 'timer':
        cancelTimer();
        if (effect.at !== undefined) {
          cancelTimer = clock.after(Math.max(0, effect.at - clock.monotonic()), () => dispatch({ type: 'tick' }));
        }
        return undefined;
      case 'log':
        return settings.logger[effect.level](effect.text);
      default:
        return settings.onEffect(effect);
    }
  }

  function open(
    { type, request, position, refreshKey }: Extract<Effect, { type: 'connect' | 'poll' }>,
    path: string,
    receiver: TransportReceiver,
  ): void {
    connections.set(request, IDLE);
    const send = (key: string): void => {
      if (!connections.has(request)) return;
      const headers: Record<string, string> = { authorization: `Bearer ${key}` };
      let query = '';
      headers['accept'] = type === 'connect' ? 'text/event-stream' : 'application/json';
      if (position !== undefined && type === 'connect') headers['last-event-id'] = position;
      if (position !== undefined && type === 'poll') {
        headers['if-none-match'] = `"${position}"`;
        query = `?since=${position}`;
      }
      const connection = transport.open({ url: settings.url + path + query, headers }, receiver);
      // It may be over already, or not wanted any more.
      if (connections.has(request)) connections.set(request, connection);
      else connection.close();
    };
    settings.keys.get(refreshKey, send, (problem) => finish(request, problem));
  }

  function finish(request: number, problem?: string): void {
    if (connections.delete(request)) dispatch({ type: 'ended', request, problem });
  }

  function streamReceiver(request: number): TransportReceiver {
    const events = createEventStream((parsed) => {
      if (!connections.has(request)) return;
      if (parsed.kind === 'message') dispatch({ type: 'message', request, message: parsed.message });
      if (parsed.kind === 'malformed') dispatch({ type: 'malformed', request, problem: parsed.problem });
    });
    return {
      response: (head) => dispatch({ type: 'response', request, ...head }),
      bytes: (chunk) => {
        if (!connections.has(request)) return;
        dispatch({ type: 'bytes', request });
        events.push(chunk);
      },
      end: (problem) => finish(request, problem),
    };
  }

  function pollReceiver(request: number): TransportReceiver {
    const body = createPollBody();
    return {
      response: (head) => dispatch({ type: 'response', request, ...head }),
      bytes: (chunk) => {
        if (!connections.has(request)) return;
        const problem = body.push(chunk);
        if (problem !== undefined) dispatch({ type: 'malformed', request, problem });
      },
      end: (problem) => {
        if (problem !== undefined) return finish(request, problem);
        if (!connections.delete(request)) return undefined;
        const parsed = body.end();
        return parsed.kind === 'message'
          ? dispatch({ type: 'message', request, message: parsed.message })
          : dispatch({ type: 'malformed', request, problem: parsed.problem });
      },
    };
  }

  return { state: () => state, dispatch };
}
