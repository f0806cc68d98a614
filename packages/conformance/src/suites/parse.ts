import { compileRuleset, evaluate, problemOf } from '@flags/core';
import { validateRuleset } from '@flags/core/validate';
import { parseEnvelope, parseMessage } from '@flags/sync';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';
import { flagWith, rulesetWith, when } from './reading.ts';

const deep = (depth: number): unknown => (depth === 0 ? { all: [] } : { not: deep(depth - 1) });
const clause = (more: object): object => when({ attr: 'x', op: 'eq', values: ['a'], ...more });

/** Documents that are no ruleset, and why. */
const NO_RULESETS: readonly (readonly [json: unknown, invalid: string])[] = [
  [null, 'FORMAT'],
  [[], 'FORMAT'],
  ['{}', 'FORMAT'],
  [{ ...rulesetWith({}), format: 2 }, 'FORMAT'],
  [{ ...rulesetWith({}), version: 1.5 }, 'TYPE'],
  [{ ...rulesetWith({}), epoch: 5 }, 'TYPE'],
  [{ ...rulesetWith({}), flags: [] }, 'TYPE'],
];

/** Parts of a flag that set it aside, and why. */
const BROKEN: readonly (readonly [parts: object, problem: string])[] = [
  [{ enabled: 'yes' }, 'TYPE'],
  [{ key: 'g' }, 'KEY'],
  [{ off: 'nowhere' }, 'VARIATION'],
  [{ type: 'number' }, 'TYPE'],
  [when({ attr: 'x', op: 'like', values: ['a'] }), 'OPERATOR'],
  [when({ attr: 'x', op: 'matches', values: ['(a)\\1'] }), 'PATTERN'],
  [when({ attr: 'x', op: 'matches', values: ['(?=a)'] }), 'PATTERN'],
  [when({ segment: 'gone' }), 'SEGMENT'],
  [when({ all: [], any: [] }), 'MEMBER'],
  [clause({ more: 1 }), 'MEMBER'],
  [when(deep(200)), 'LIMIT'],
  [{ fallthrough: { split: { slices: [['on', 5]] } } }, 'SPLIT'],
  [{ fallthrough: { split: { slices: [['on', 100_000]], bucketer: 'other' } } }, 'BUCKETER'],
  [{ requires: ['telepathy'] }, 'REQUIRES'],
];

const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'größe 😀', ''];

/** Rulesets, good and broken, and single messages. */
export function parseCases(): readonly Case[] {
  return [
    ...NO_RULESETS.map(([json, invalid]) => ({
      name: `no ruleset: ${JSON.stringify(json)}`,
      run: () => {
        const compiled = compileRuleset(json);
        expectSame([compiled.invalid, compiled.flags.size], [invalid, 0]);
        return validateRuleset(json);
      },
    })),
    ...BROKEN.map(([parts, problem]) => ({
      name: `set aside, alone: ${JSON.stringify(parts).slice(0, 100)}`,
      run: () => {
        const json = rulesetWith({ f: flagWith({ ...parts }), good: flagWith(clause({}) as never, 'good') });
        const compiled = compileRuleset(json);
        expectSame([problemOf(compiled, 'f'), problemOf(compiled, 'good') ?? null], [problem, null]);
        expectSame(evaluate(compiled, 'f', {}, true, 0).value, true);
        expectSame(evaluate(compiled, 'good', { x: 'a' }, null, 0).value, true);
        return validateRuleset(json);
      },
    })),
    ...ODD_KEYS.map((key) => ({
      name: `an ordinary key: ${JSON.stringify(key)}`,
      run: () => {
        // Through JSON, where `__proto__` is a member like others.
        const flags = `{${JSON.stringify(key)}:${JSON.stringify(flagWith({ fallthrough: { variation: 'on' } }, key))}}`;
        const text = JSON.stringify(rulesetWith({})).replace('"flags":{}', `"flags":${flags}`);
        const compiled = compileRuleset(JSON.parse(text));
        expectSame(evaluate(compiled, key, {}, false, 0).value, key !== '');
        expectSame(evaluate(compileRuleset(rulesetWith({})), key, {}, false, 0).errorCode, 'FLAG_NOT_FOUND');
        const data = `{"from":"e1.1.00000000","position":"e1.2.00000000","flags":{${JSON.stringify(key)}:null}}`;
        const parsed = parseMessage('FLAG_UPDATE', data);
        const isUpdate = parsed.kind === 'message' && parsed.message.type === 'FLAG_UPDATE';
        expectSame(isUpdate && Object.keys(parsed.message.flags), [key]);
      },
    })),
    {
      name: 'messages that are malformed, and those that nobody knows',
      run: () => {
        const data = [
          '',
          '{',
          'null',
          '[]',
          '{}',
          '7',
          '"x"',
          '{"position":"e.1.0000000","time":1}',
          '\u0000',
          '\ud800',
        ];
        const events = ['FULL_SYNC', 'FLAG_UPDATE', 'SEGMENT_UPDATE', 'VALUES', 'HEARTBEAT', '__proto__', 'toString'];
        const kinds = events.map((event) => data.map((text) => parseMessage(event, text).kind));
        for (const row of kinds.slice(0, 5)) expectSame(new Set(row).size, 1);
        expectSame(
          kinds.map(([first]) => first),
          [...Array<string>(5).fill('malformed'), 'unknown', 'unknown'],
        );
        return data.map((text) => parseEnvelope(text).kind);
      },
    },
  ];
}
