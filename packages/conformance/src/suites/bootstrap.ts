import { compileRuleset } from '@flags/core';
import {
  canonicalize,
  createBootstrap,
  fingerprintOf,
  formatPosition,
  holdRuleset,
  isFlagsError,
  isValuesBootstrap,
  readBootstrap,
  readOverlay,
  renderBootstrap,
  resolveOverlay,
  scriptLiteral,
} from '@flags/sync';
import { rulesetOf, switchFlag } from '@flags/sync/testing';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';

const HOSTILE = '</script><!-- \u2028\u2029 & "__proto__": \ud800 größe 😀';
const RULESET = rulesetOf(9, [
  switchFlag('seen', { version: 9, client: true }),
  switchFlag('evaluated', { version: 8, client: 'evaluated' }),
  switchFlag('secret'),
  switchFlag('broken', { client: true, off: 'nowhere' }),
]);

/** What pages bring along: rules and values, into a page and out of it. */
export function bootstrapCases(): readonly Case[] {
  return [
    {
      name: 'rules are held at their own position, or at the one that is named',
      run: () => {
        const own = formatPosition(holdRuleset(compileRuleset(RULESET)).position);
        const read = (bootstrap: object): string | undefined => {
          const held = readBootstrap({ ...bootstrap }, {});
          return held && formatPosition(held.position);
        };
        expectSame([read(RULESET), read({ ruleset: RULESET })], [own, own]);
        expectSame(read({ ruleset: RULESET, position: 'test.12.00000000' }), own.replace('.9.', '.12.'));
        expectSame(read({ ruleset: { ...RULESET, format: 2 } }), undefined);
        return own;
      },
    },
    {
      name: 'values are those that browsers may see, and give themselves again',
      run: () => {
        const context = { targetingKey: 'ann', nested: { b: [1, HOSTILE], a: null } };
        const bootstrap = createBootstrap(compileRuleset(RULESET), context, 1_800_000_000_000, { details: true });
        expectSame([Object.keys(bootstrap.flags).sort(), isValuesBootstrap(bootstrap)], [['evaluated', 'seen'], true]);
        const seen = readOverlay(bootstrap).get('seen');
        expectSame(seen && [resolveOverlay(seen, false).value, resolveOverlay(seen, 'x').value], [true, 'x']);
        return bootstrap;
      },
    },
    {
      name: 'contexts are told apart by what they say, not by its order',
      run: () => {
        const loop: Record<string, unknown> = {};
        loop['loop'] = loop;
        expectSame(fingerprintOf({ b: 1, a: [HOSTILE] }), fingerprintOf({ a: [HOSTILE], b: 1 }));
        expectSame(fingerprintOf(loop), undefined);
        return [{}, { targetingKey: 'ann' }, { a: [HOSTILE] }, { n: 1e21 }].map(fingerprintOf);
      },
    },
    {
      name: 'a script holds nothing that ends it, and a nonce nothing that ends its attribute',
      run: () => {
        const bootstrap = { version: 'v1', flags: { [HOSTILE]: { value: { [HOSTILE]: HOSTILE } } } };
        const pages = [renderBootstrap(bootstrap, { nonce: 'r4nd' }), renderBootstrap(bootstrap, { id: 'flags' })];
        for (const page of pages) {
          const inner = page.slice(page.indexOf('>') + 1, -'</script>'.length);
          expectSame(/[<>&\u2028\u2029]/.test(inner), false);
        }
        const json = (pages[1] ?? '').replace(/^[^>]*>|<\/script>$/g, '');
        expectSame(JSON.parse(json), bootstrap);
        for (const nonce of ['"><script>', '']) {
          let thrown: unknown;
          try {
            renderBootstrap(bootstrap, { nonce });
          } catch (error) {
            thrown = error;
          }
          expectSame(isFlagsError(thrown), true);
        }
        return pages;
      },
    },
    {
      name: 'data as a literal keeps `__proto__` an ordinary name',
      run: () => {
        const data: unknown = JSON.parse('{"__proto__":[1],"deep":{"a":1,"__proto__":{"b":"\\u2028"}}}');
        expectSame(scriptLiteral(data), '{["__proto__"]:[1],"deep":{"a":1,["__proto__"]:{"b":"\\u2028"}}}');
      },
    },
    {
      name: 'the canonical form is that of RFC 8785',
      run: () => {
        // The example of its section 3.2.2, with that of the sorting in 3.2.3.
        const text =
          '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"literals":[null,true,false]}';
        expectSame(
          canonicalize(JSON.parse(text)),
          '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
        );
        const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
        const sorted = canonicalize(Object.fromEntries(names.map((name, index) => [name, index])));
        expectSame(sorted, '{"\\r":1,"1":3,"\u0080":5,"\u00f6":6,"\u20ac":0,"\ud83d\ude00":4,"\ufb33":2}');
      },
    },
  ];
}
