import * as fc from 'fast-check';
import { createRules, createVerifier, holdValues, LOADING_REFERENCES, switchTo, VALUES } from '../src/index.ts';
import type {
  FullSyncRef,
  HeldState,
  HeldValues,
  MachineEvent,
  Message,
  Position,
  Values,
  Verification,
} from '../src/index.ts';
import type { Kit } from './happenings.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';

const request = 0;

function flagsAt(version: number): ReturnType<typeof flagOf>[] {
  return version === 0 ? [] : [flagOf('a', version, version % 2 === 0)];
}

/** A full sync by reference. */
export function refTo(at: Position): FullSyncRef {
  return { type: 'FULL_SYNC', position: at, reason: '', ref: { url: '/r', bytes: 9, sha256: '0f'.repeat(32) } };
}

function fullSync(position: Position): Message {
  const ruleset = rulesetJson(position.version, flagsAt(position.version), [], position.epoch);
  return { type: 'FULL_SYNC', position, reason: '', ruleset };
}

const atRules = (version: number, epoch = 'e1'): HeldState => held(version, flagsAt(version), [], epoch);

function verification(): Verification {
  const refuse = (): never => {
    throw new Error('The machine itself verifies nothing.');
  };
  return createVerifier({ view: 'server', keys: new Map(), isSigned: refuse, sha256: refuse }).verification;
}

/** Rules, with keys pinned and without. */
export const rulesKit: Kit<HeldState> = {
  content: createRules(),
  at: atRules,
  tell: (version, epoch) => fullSync(atRules(version, epoch).position),
  message: (claimed) =>
    fc.oneof(
      claimed.map(refTo),
      claimed.map(fullSync),
      fc.constant<Message>({
        type: 'FULL_SYNC',
        position: { epoch: 'e2', version: 9, hash: '00000000' },
        reason: '',
        ruleset: {},
      }),
      fc.tuple(claimed, claimed).map(([from, to]): Message => ({
        type: 'FLAG_UPDATE',
        from,
        position: to,
        flags: { a: flagOf('a', to.version, true) },
      })),
      fc
        .tuple(claimed, claimed)
        .map(([from, to]): Message => ({ type: 'SEGMENT_UPDATE', from, position: to, segments: {} })),
    ),
  ways: fc
    .tuple(fc.constantFrom(undefined, LOADING_REFERENCES), fc.constantFrom(undefined, verification()))
    .map(([loading, checks]) => ({ loading: loading ?? checks?.loading, verification: checks, switchTo })),
  events: fc.oneof(
    fc.constantFrom<MachineEvent[]>(
      { type: 'verified', request },
      { type: 'verified', request },
      { type: 'verified', request, problem: 'it is not signed' },

      { type: 'loaded', request, ruleset: {} },
      { type: 'loaded', request, ruleset: { format: 9 } },
    ),
    fc
      .nat(6)
      .map((version): MachineEvent => ({ type: 'loaded', request, ruleset: rulesetJson(version, flagsAt(version)) })),
  ),
};

/** What the flag `a` gives at a version. Every other version changes nothing. */
function readingsAt(version: number): Values['values'] {
  return version === 0 ? {} : { a: { value: version >> 1, reason: 'STATIC', variant: 'v', variation: 0, version } };
}

const atValues = (version: number, epoch = 'e1'): HeldValues => holdValues(readingsAt(version), { epoch, version });

function whole(position: Position): Message {
  return { type: 'VALUES', position, values: readingsAt(position.version) };
}

/** Values for one context. */
export const valuesKit: Kit<HeldValues> = {
  content: VALUES,
  at: atValues,
  tell: (version, epoch) => whole(atValues(version, epoch).position),
  message: (claimed) =>
    fc.oneof(
      claimed.map(whole),
      fc
        .tuple(claimed, claimed)
        .map(([from, position]): Message => ({ type: 'VALUES', from, position, values: readingsAt(position.version) })),
      claimed.map(fullSync),
    ),
  ways: fc.constant({ switchTo }),
  events: fc.constant<MachineEvent<HeldValues>>({ type: 'refresh' }),
};
