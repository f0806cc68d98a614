import { expect, test } from 'vitest';
import {
  createBootstrap,
  fingerprintOf,
  isFlagsError,
  isValuesBootstrap,
  readOverlay,
  renderBootstrap,
  scriptLiteral,
} from '../src/index.ts';
import type { ValuesBootstrap } from '../src/index.ts';
import { compiled, flagOf } from './rulesets.ts';

const HOSTILE = [
  '</script><script>alert(1)</script>',
  '</SCRIPT >',
  '<!-- <script>',
  ']]>',
  '\u2028\u2029',
  '"\\"__proto__":',
  '{"__proto__":1}',
  "';alert(1)//",
  '${alert(1)}',
  '\ud800',
];

function bodyOf(html: string): string {
  const match = /^<script[^>]*>(.*)<\/script>$/s.exec(html);
  expect(match).not.toBeNull();
  return match![1]!;
}

function evaluated(html: string): unknown {
  const window: Record<string, unknown> = {};
  // As a page would run it.
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- as a page would run it
  new Function('window', bodyOf(html))(window);
  return JSON.parse(JSON.stringify(window['__FLAG_BOOTSTRAP__']));
}

test.each(HOSTILE)('%j comes through both forms as it is, and nothing of it reaches the page', (text) => {
  const flags = Object.fromEntries([
    [text, { value: text, variation: 0 }],
    ['x', { value: { [text]: [text] }, variation: 0 }],
  ]);
  const bootstrap: ValuesBootstrap = { version: 'v1', flags };
  const script = renderBootstrap(bootstrap);
  const json = renderBootstrap(bootstrap, { id: 'flags' });
  for (const html of [script, json]) expect(bodyOf(html)).not.toMatch(/[<>&\u2028\u2029]/);
  expect(evaluated(script)).toEqual(bootstrap);
  expect(JSON.parse(bodyOf(json))).toEqual(bootstrap);
});

test('`__proto__` stays an ordinary key', () => {
  const bootstrap = JSON.parse('{"flags":{"a":{"value":0},"__proto__":{"value":{"__proto__":1}}}}') as ValuesBootstrap;
  expect(JSON.stringify(evaluated(renderBootstrap(bootstrap)))).toBe(JSON.stringify(bootstrap));
});

test('the page gets what the reader knows, with a nonce', () => {
  const html = renderBootstrap(
    { version: 'v123', flags: { 'new-checkout': { value: true, variation: 1 } } },
    { nonce: 'r4nd+/=' },
  );
  expect(html).toBe(
    '<script nonce="r4nd+/=">window.__FLAG_BOOTSTRAP__ = {"version":"v123","flags":{"new-checkout":{"value":true,"variation":1}}}</script>',
  );
});

test('a nonce or id that could end its attribute is refused', () => {
  for (const options of [{ nonce: '"><script>' }, { id: 'a b' }, { nonce: '' }]) {
    expect(() => renderBootstrap({ version: 'v1', flags: {} }, options)).toThrow(
      expect.toSatisfy(isFlagsError) as Error,
    );
  }
});

test('a bootstrap holds what browsers may see and what has an answer', () => {
  const ruleset = compiled(9, [
    flagOf('seen', 9, true, { client: true }),
    flagOf('evaluated', 9, false, { client: 'evaluated' }),
    flagOf('secret', 9, true),
    flagOf('broken', 9, true, { client: true, off: 'nowhere' }),
  ]);
  const context = { targetingKey: 'ann' };
  const bootstrap = createBootstrap(ruleset, context, 1_800_000_000_000);
  expect(JSON.parse(JSON.stringify(bootstrap))).toEqual({
    version: 'v9',
    flags: {
      seen: { value: true, variation: 0, variant: 'on' },
      evaluated: { value: false, variation: 1, variant: 'off' },
    },
    at: 1_800_000_000_000,
    context: fingerprintOf(context),
  });
  expect(isValuesBootstrap(bootstrap)).toBe(true);
  expect(isValuesBootstrap({ ruleset })).toBe(false);
  expect(Object.keys(createBootstrap(ruleset, context, 0, { keys: ['seen'] }).flags)).toEqual(['seen']);
});

test('a bootstrap is of plain objects, so that whatever copies objects passes it on, and `__proto__` is an ordinary key of it', () => {
  const ruleset = compiled(9, [flagOf('__proto__', 9, true, { client: true })]);
  expect(createBootstrap(undefined, {}, 7)).toEqual({ flags: {}, at: 7 });
  const { flags } = createBootstrap(ruleset, {}, 0);
  expect(Object.getPrototypeOf(flags)).toBe(Object.prototype);
  expect(Object.keys(flags)).toEqual(['__proto__']);
});

test('with details a bootstrap says why, and names rules of flags alone whose rules browsers may see', () => {
  const rules = [{ id: 'ann', when: { attr: 'targetingKey', op: 'eq', values: ['ann'] }, serve: { variation: 'on' } }];
  const ruleset = compiled(9, [
    flagOf('open', 9, false, { client: true, rules: rules as never }),
    flagOf('closed', 8, false, { client: 'evaluated', rules: rules as never }),
  ]);
  const bootstrap = createBootstrap(ruleset, { targetingKey: 'ann' }, 0, { details: true });
  expect(bootstrap.flags).toEqual({
    open: { value: true, variation: 0, variant: 'on', reason: 'TARGETING_MATCH', version: 9, ruleId: 'ann' },
    closed: { value: true, variation: 0, variant: 'on', reason: 'TARGETING_MATCH', version: 8 },
  });
  expect(readOverlay(bootstrap).get('open')).toEqual({
    ...bootstrap.flags['open'],
    experiment: undefined,
    errorCode: undefined,
  });
});

test('reasons of another type than theirs are left out', () => {
  const flags = { a: { value: 1, reason: 4, ruleId: {}, version: 'x' } as never };
  expect(readOverlay({ flags }).get('a')).toMatchObject({
    value: 1,
    reason: 'UNKNOWN',
    ruleId: undefined,
    version: undefined,
  });
});

test('any data can stand in a script as a literal that gives it again', () => {
  const data = JSON.parse(
    '{"__proto__":[1],"</script>":"<!-- \\u2028 & {\\"__proto__\\":2}","deep":{"a":1,"__proto__":{}}}',
  ) as unknown;
  const literal = scriptLiteral(data);
  expect(literal).not.toMatch(/[<>&\u2028]/);
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- as a page would run it
  const again = new Function(`return ${literal}`)() as object;
  expect(JSON.stringify(again)).toBe(JSON.stringify(data));
  expect(Object.keys(again)).toContain('__proto__');
  expect(scriptLiteral(undefined)).toBe('undefined');
});
