import type { Content } from '../machine/content.ts';
import type { Effect } from '../machine/effect.ts';
import type { MachineEvent } from '../machine/event.ts';
import type { Policy } from '../machine/policy.ts';
import { INITIAL_STATE } from '../machine/state.ts';
import type { MachineState } from '../machine/state.ts';
import { step } from '../machine/step.ts';
import type { HeldState } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import { readEventStream } from '../protocol/event-stream.ts';
import type { KeySource } from './key-source.ts';
import type { PlanLoad } from './load.ts';
import type { Connection, Logger, Ports, ResponseHead, TransportReceiver, TransportRequest } from './ports.ts';
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
  readonly planLoad?: PlanLoad | undefined;
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
  const { url, wire, policy, content, verifier } = settings;
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
        const { state: after, effects } = step(state, stamped, policy, content, verifier?.verification);
        state = after;
        for (const effect of effects) perform(effect);
      }
    } finally {
      busy = false;
    }
  }

  function perform(effect: Effect<H>): void {
    switch (effect.type) {
      case 'connect':
        return connect(effect);
      case 'poll':
        return poll(effect);
      case 'load':
        return load(effect);
      case 'verify':
        return verify(effect);
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

  function connect({ request, position, refreshKey }: EffectOf<'connect'>): void {
    open(request, () => wire.stream(position), streamReceiver(request), refreshKey);
  }

  function poll({ request, position, refreshKey }: EffectOf<'poll'>): void {
    open(request, () => wire.poll(position), pollReceiver(request), refreshKey);
  }

  function load({ request, ref }: EffectOf<'load'>): void {
    connections.set(request, IDLE);
    const plan = settings.planLoad?.(ref, url) ?? 'this client has no means to check it';
    if (typeof plan === 'string') return finish(request, plan);
    const receiver = plan.receive(
      (ruleset) => {
        if (connections.delete(request)) dispatch({ type: 'loaded', request, ruleset });
      },
      (problem) => finish(request, problem),
    );
    const response = (head: ResponseHead): void => dispatch({ type: 'response', request, ...head });
    const wanted = { url: plan.url, headers: { accept: JSON_TYPE } };
    return open(request, () => wanted, { ...receiver, response }, plan.withKey ? false : undefined);
  }

  function verify({ request, before, after, change }: Extract<Effect<H>, { type: 'verify' }>): void {
    connections.set(request, IDLE);
    verifier?.verify({ before, after, change }, (problem) => {
      if (connections.delete(request)) dispatch({ type: 'verified', request, problem });
    });
  }

  function acknowledge({ request, stream, position, lagMs }: EffectOf<'ack'>): void {
    const done = (): void => cancel(request);
    const headers = { 'content-type': JSON_TYPE };
    const body = JSON.stringify({ stream, position, lagMs });
    const wanted = { url: `${url}/v1/ack`, headers, body };
    open(request, () => wanted, { response: done, bytes: () => {}, end: done }, false);
  }

  /** Makes a request; with the key, unless `refreshKey` is undefined. */
  function open(
    request: number,
    plan: () => TransportRequest,
    receiver: TransportReceiver,
    refreshKey: boolean | undefined,
  ): void {
    connections.set(request, IDLE);
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
    else settings.keys.get(refreshKey, send, (problem) => finish(request, problem));
  }

  function cancel(request: number): void {
    connections.get(request)?.close();
    connections.delete(request);
  }

  function finish(request: number, problem?: string): void {
    if (connections.delete(request)) dispatch({ type: 'ended', request, problem });
  }

  function streamReceiver(request: number): TransportReceiver {
    const events = readEventStream(wire.readEvent, (parsed) => {
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
    const body = createPollBody(wire.readPoll);
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
