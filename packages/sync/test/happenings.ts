import * as fc from 'fast-check';
import type { Content, Held, MachineEvent, MachineParts, Message, Policy, Position } from '../src/index.ts';

/** A kind of content, and what a machine that holds it can meet. */
export interface Kit<H extends Held> {
  readonly content: Content<H>;
  /** What every history here holds at a version. */
  readonly at: (version: number, epoch?: string) => H;
  /** All of it, as a server says it. */
  readonly tell: (version: number, epoch?: string) => Message;
  /** Whatever a server may say of it, truly or not, at these positions. */
  readonly message: (claimed: fc.Arbitrary<Position>) => fc.Arbitrary<Message>;
  /** Ways to be checked, and to load by reference. */
  readonly ways: fc.Arbitrary<MachineParts>;
  /** What no other content meets. */
  readonly events: fc.Arbitrary<MachineEvent<H>>;
}

/** An event whose request is chosen when it happens: the stream's, the poll's, or one that is over. */
export type Draft<H extends Held> =
  | { readonly of: 'stream' | 'poll' | 'load' | 'over'; readonly event: MachineEvent<H> }
  | { readonly pass: number }
  /** The machine sleeps, with or without its steady clock. */
  | { readonly sleep: number; readonly stops: boolean }
  /** Someone sets the wall clock. */
  | { readonly set: number };

/** What can happen. */
export interface Happenings<H extends Held> {
  /** Anything. */
  readonly draft: fc.Arbitrary<Draft<H>>;
  /** Ways to begin: with nothing, or with something of an earlier or of an unknown history. */
  readonly start: fc.Arbitrary<MachineEvent<H>>;
}

const request = 0;

/** What can happen to a machine of this kit. */
export function happeningsOf<H extends Held>({ at, message, events }: Kit<H>): Happenings<H> {
  const position = fc
    .tuple(fc.constantFrom('e1', 'e2'), fc.nat(6))
    .map(([epoch, version]): Position => ({ ...at(version, epoch).position }));
  const claimed = fc.oneof(
    position,
    position.map((known) => ({ ...known, hash: 'ffffffff' })),
  );
  const said = fc.oneof(
    { weight: 5, arbitrary: message(claimed) },
    fc
      .tuple(claimed, fc.option(fc.constantFrom(1, 1_000, 30_000), { nil: undefined }))
      .map(([known, intervalMs]): Message => ({
        type: 'HEARTBEAT',
        position: known,
        time: 0,
        ...(intervalMs && { intervalMs, stream: 's', ack: true }),
      })),
    fc.record({
      type: fc.constant('GOODBYE' as const),
      reason: fc.constant('drain'),
      windowMs: fc.nat(100_000),
      retry: fc.boolean(),
    }),
  );
  const event = fc.oneof(
    { weight: 4, arbitrary: said.map((value): MachineEvent<H> => ({ type: 'message', request, message: value })) },
    {
      weight: 3,
      arbitrary: fc
        .record({
          status: fc.constantFrom(200, 200, 200, 200, 204, 302, 304, 400, 401, 403, 404, 410, 415, 429, 500, 503),
          contentType: fc.constantFrom('text/event-stream', 'application/json', 'text/html', undefined),
          retryAfter: fc.constantFrom(undefined, '3', 'never'),
        })
        .map((head): MachineEvent<H> => ({ type: 'response', request, ...head })),
    },
    fc.constantFrom<MachineEvent<H>[]>(
      { type: 'bytes', request },
      { type: 'malformed', request, problem: 'bad' },
      { type: 'ended', request },
      { type: 'ended', request, problem: 'ECONNRESET' },
      { type: 'tick' },
      { type: 'wake' },
      { type: 'start' },
      { type: 'start', held: at(3), source: 'bootstrap' },
      { type: 'switch', held: undefined, source: undefined },
      { type: 'switch', held: at(2), source: 'cache' },
    ),
    events,
  );
  return {
    draft: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ of: fc.constantFrom('stream', 'stream', 'stream', 'poll', 'load', 'over'), event }),
      },
      { weight: 2, arbitrary: fc.constantFrom(0, 500, 3_000, 20_000, 90_000, 400_000).map((pass) => ({ pass })) },
      fc.record({ sleep: fc.constantFrom(5_000, 60_000, 7_200_000), stops: fc.boolean() }),
      fc.constantFrom(-3_600_000, -1, 1, 3_600_000, -1e13, 1e13).map((set) => ({ set })),
    ),
    start: fc.constantFrom<MachineEvent<H>[]>(
      { type: 'start' },
      { type: 'start', held: at(3), source: 'cache' },
      { type: 'start', held: at(3, 'e9'), source: 'bootstrap' },
    ),
  };
}

/** What a die shows. */
export const chance: fc.Arbitrary<number> = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Ways to set a client up. */
export const settings: fc.Arbitrary<Pick<Policy, 'mode' | 'canRefreshKey'>> = fc.record({
  mode: fc.constantFrom<Policy['mode'][]>('stream', 'stream', 'poll'),
  canRefreshKey: fc.boolean(),
});
