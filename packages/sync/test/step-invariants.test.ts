import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, statusOf } from '../src/index.ts';
import type { Held } from '../src/index.ts';
import { chance, happeningsOf, settings } from './happenings.ts';
import type { Kit } from './happenings.ts';
import { refTo, rulesKit, valuesKit } from './kits.ts';
import { createWatch } from './watch.ts';

// How a server that works gives what it has; the reference, which only rules know, may also lead nowhere.
const server = fc.constantFrom('whole', 'by reference', 'by reference that fails');

function describeMachine<H extends Held>(kit: Kit<H>): void {
  const { draft, start } = happeningsOf(kit);
  const { ways } = kit;

  test('whatever happens: one stream, one poll, one load or check, one acknowledgement, one timer, no step back, and a way on', () => {
    fc.assert(
      fc.property(
        settings,
        ways,
        start,
        fc.array(fc.tuple(draft, chance), { maxLength: 60, size: 'max' }),
        (more, way, first, happenings) => {
          const watch = createWatch({ ...DEFAULT_POLICY, ...more }, kit.content, way);
          watch.put(first, 0.5);
          for (const [next, random] of happenings) watch.happen(next, random);
          expect(watch.broken()).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('whatever happened, a server that works again makes the client live', () => {
    fc.assert(
      fc.property(
        settings,
        ways,
        start,
        server,
        fc.array(fc.tuple(draft, chance), { maxLength: 40, size: 'max' }),
        (more, way, first, kind, happenings) => {
          // What is newer and signed gives way to no server.
          fc.pre(way.verification === undefined || !(first.type === 'start' && first.held?.position.epoch === 'e9'));
          const watch = createWatch({ ...DEFAULT_POLICY, ...more }, kit.content, way);
          watch.put(first, 0.5);
          for (const [next, random] of happenings) watch.happen(next, random);
          const head = kit.at(9, 'e3');
          const sync = kit.tell(9, 'e3');
          const serve = (): void => {
            const { stream } = watch.state();
            if (stream?.stage === 'requested') {
              watch.put(
                { type: 'response', request: stream.request, status: 200, contentType: 'text/event-stream' },
                0.5,
              );
            }
            if (stream !== undefined && watch.state().stream?.request === stream.request) {
              const isWhole = kind === 'whole' || sync.type !== 'FULL_SYNC' || way.loading?.begin === undefined;
              const message = isWhole ? sync : refTo(head.position);
              watch.put({ type: 'message', request: stream.request, message }, 0.5);
              watch.put(
                {
                  type: 'message',
                  request: stream.request,
                  message: { type: 'HEARTBEAT', position: head.position, time: 0 },
                },
                0.5,
              );
            }
            const { load, poll } = watch.state();
            if (load !== undefined && load.request !== poll) {
              const { request } = load;
              if (load.after !== undefined) watch.put({ type: 'verified', request }, 0.5);
              else if (kind === 'by reference' && 'ruleset' in sync) {
                watch.put({ type: 'loaded', request, ruleset: sync.ruleset }, 0.5);
              } else watch.put({ type: 'response', request, status: 502 }, 0.5);
            }
            if (poll !== undefined) {
              watch.put({ type: 'response', request: poll, status: 200, contentType: 'application/json' }, 0.5);
              watch.put({ type: 'message', request: poll, message: sync }, 0.5);
            }
          };
          // Long enough for the rarest attempt, which comes after at most an hour and a fifth.
          for (let waited = 0; waited < 5_000_000; waited += 10_000) {
            serve();
            watch.pass(10_000, 0.5);
          }
          expect(statusOf(watch.state())).toMatchObject({
            state: more.mode === 'poll' ? 'polling' : 'live',
            stale: false,
            drift: false,
            reason: undefined,
          });
          expect(watch.state().held?.position).toEqual(head.position);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('after close nothing is open and nothing follows', () => {
    fc.assert(
      fc.property(
        settings,
        ways,
        fc.array(draft, { maxLength: 30 }),
        fc.array(draft, { maxLength: 10 }),
        (more, way, before, after) => {
          const watch = createWatch({ ...DEFAULT_POLICY, ...more }, kit.content, way);
          watch.put({ type: 'start' }, 0.5);
          for (const next of before) watch.happen(next, 0.5);
          watch.put({ type: 'close' }, 0.5);
          const { stream, poll, load, ack, timerAt } = watch.state();
          expect([stream, poll, load, ack, timerAt].filter((open) => open !== undefined)).toEqual([]);
          for (const next of after) watch.happen(next, 0.5);
          expect(watch.broken()).toEqual([]);
        },
      ),
    );
  });
}

describe('With rules', () => {
  describeMachine(rulesKit);
});
describe('With values', () => {
  describeMachine(valuesKit);
});
