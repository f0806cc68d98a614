import type { Content } from '../machine/content.ts';
import type { Effect } from '../machine/effect.ts';
import type { Answer, MachineEvent } from '../machine/event.ts';
import type { Policy } from '../machine/policy.ts';
import { INITIAL_STATE } from '../machine/state.ts';
import type { MachineState } from '../machine/state.ts';
import { step } from '../machine/step.ts';
import type { MachineParts } from '../machine/turn.ts';
import type { HeldState } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import { readEventStream } from '../protocol/event-stream.ts';
import type { ParsedMessage } from '../protocol/reader.ts';
import type { KeySource } from './key-source.ts';
import type { Asked, Loads } from './link.ts';
import type { Connection, Logger, Ports, TransportReceiver, TransportRequest } from './ports.ts';
import { createPollBody } from './poll-body.ts';
import type { Verifier } from './verify.ts';
import type { Wire } from './wire.ts';
import { JSON_TYPE } from './wire.ts';

/** What a runtime needs beside the ports. */
export interface RuntimeSettings<H extends Held> {
  readonly url: string;
  readonly keys: KeySource;
  readonly policy: Policy;
  /** What is held. */
  readonly content: Content<H>;
  readonly logger: Logger;
  readonly wire: Wire;
  /** How rulesets are fetched by reference; without it a snapshot is asked for instead. */
  readonly loads?: Loads | undefined;
  /** What the machine does beyond what it does for all. */
  readonly parts: MachineParts;
  /** Checks what comes, where keys are pinned. */
  readonly verifier?: Verifier<H> | undefined;
  /** Gets the effects that are for the client: `changed`, `moved` and `status`. The state is already the new one. */
  readonly onEffect: (effect: ClientEffect<H>) => void;
}

/** The machine, running: events in, effects carried out. */
export interface Runtime<H extends Held = HeldState> {
  readonly state: () => MachineState<H>;
  readonly dispatch: (event: MachineEvent<H>) => void;
}

/** What a step leaves to the client. */
export type ClientEffect<H extends Held> = Extract<Effect<H>, { type: 'changed' | 'moved' | 'switched' | 'status' }>;

type EffectOf<Type extends Effect['type']> = Extract<Effect, { type: Type }>;

const IDLE: Connection = { close: () => {} };

/** Runs the sync machine over ports. It decides nothing: it stamps events, asks `step()`, and does what it says. */
export function createRuntime<H extends Held>(settings: RuntimeSettings<H>, ports: Ports): Runtime<H> {
  const { clock, random, transport } = ports;
  const { url, wire, policy, content, parts, loads, verifier } = settings;
  const connections = new Map<number, Connection>();
  const waiting: MachineEvent<H>[] = [];
  let state: MachineState<H> = INITIAL_STATE;
  let busy = false;
  let cancelTimer: () => void = () => {};

  function dispatch(event: MachineEvent<H>): void {
    waiting.push(event);
    // Effects may cause events at once; each waits until the step before it is done.
    if (busy) return;
    busy = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const stamped = { ...next, at: clock.monotonic(), now: clock.now(), random: random() };
        const { state: after, effects } = step(state, stamped, policy, content, parts);
        state = after;
        for (const effect of effects) perform(effect);
      }
    } finally {
      busy = false;
    }
  }

  function perform(effect: Effect<H>): void {
    if ('request' in effect && effect.type !== 'cancel') connections.set(effect.request, IDLE);
    switch (effect.type) {
      case 'connect':
        return open(effect, () => wire.stream(effect.position), streamReceiver(effect.request));
      case 'poll':
        return open(effect, () => wire.poll(effect.position), pollReceiver(effect.request));
      case 'load':
        return loads?.load(effect, url, { dispatch, settle, open });
      case 'verify':
        return verifier?.verify(effect, (problem) => {
          settle({ type: 'verified', request: effect.request, problem });
        });
      case 'ack':
        return acknowledge(effect);
      case 'cancel':
        return cancel(effect.request);
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

  function acknowledge({ request, stream, position, lagMs }: EffectOf<'ack'>): void {
    const done = (): void => cancel(request);
    const headers = { 'content-type': JSON_TYPE };
    const body = JSON.stringify({ stream, position, lagMs });
    const wanted = { url: `${url}/v1/ack`, headers, body };
    open({ request, refreshKey: false }, () => wanted, { response: done, bytes: () => {}, end: done });
  }

  /** Makes a request; with the key, unless `refreshKey` is undefined. */
  function open({ request, refreshKey }: Asked, plan: () => TransportRequest, receiver: TransportReceiver): void {
    const send = (key?: string): void => {
      if (!connections.has(request)) return;
      const wanted = plan();
      const headers = key === undefined ? wanted.headers : { authorization: `Bearer ${key}`, ...wanted.headers };
      const connection = transport.open({ ...wanted, headers }, receiver);
      // It may be over already, or not wanted any more.
      if (connections.has(request)) connections.set(request, connection);
      else connection.close();
    };
    if (refreshKey === undefined) send();
    else settings.keys.get(refreshKey, send, (problem) => settle({ type: 'ended', request, problem }));
  }

  function cancel(request: number): void {
    connections.get(request)?.close();
    connections.delete(request);
  }

  /** The request is over, unless it was before. */
  function settle(event: Answer): void {
    if (connections.delete(event.request)) dispatch(event);
  }

  function take(request: number, parsed: ParsedMessage): void {
    if (parsed.kind === 'message') dispatch({ type: 'message', request, message: parsed.message });
    if (parsed.kind === 'malformed') dispatch({ type: 'malformed', request, problem: parsed.problem });
  }

  function receiverOf(request: number, push: (chunk: Uint8Array) => void): TransportReceiver {
    return {
      response: (head) => dispatch({ type: 'response', request, ...head }),
      bytes: (chunk) => {
        if (!connections.has(request)) return;
        dispatch({ type: 'bytes', request });
        push(chunk);
      },
      end: (problem) => settle({ type: 'ended', request, problem }),
    };
  }

  function streamReceiver(request: number): TransportReceiver {
    const events = readEventStream(wire.readEvent, (parsed) => {
      if (connections.has(request)) take(request, parsed);
    });
    return receiverOf(request, events.push);
  }

  function pollReceiver(request: number): TransportReceiver {
    const body = createPollBody(wire.readPoll);
    const receiver = receiverOf(request, (chunk) => {
      const problem = body.push(chunk);
      if (problem !== undefined) dispatch({ type: 'malformed', request, problem });
    });
    return {
      ...receiver,
      end: (problem) => {
        if (problem !== undefined) receiver.end(problem);
        else if (connections.delete(request)) take(request, body.end());
      },
    };
  }

  return { state: () => state, dispatch };
}
