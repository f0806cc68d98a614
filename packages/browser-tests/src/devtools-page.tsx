// A page of React with the panel for developers, as an app loads it, under the same strict policy as every page here.
import { lazy, StrictMode, Suspense } from 'react';
import type { ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import type { Flag as FlagJson, Json, Serve } from '@flags/core';
import { Flag, FlagProvider, useFlag, useFlags } from '@flags/react';
import { createMemoryContextClient } from '@flags/sync/testing';
import type { MemoryContextClient } from '@flags/sync/testing';

/** What tests find in the page, as `window.app`. */
export interface App {
  readonly client: MemoryContextClient;
  /** Keys pressed that reached the page. */
  readonly pressed: string[];
}

declare global {
  interface Window {
    app: App;
  }
}

function flag(key: string, values: Readonly<Record<string, Json>>, fallthrough: Serve, more: Partial<FlagJson> = {}) {
  const variations = Object.entries(values).map(([name, value]) => ({ name, value }));
  const type = typeof variations[0]?.value;
  const off = variations.at(-1)?.name ?? '';
  return { key, version: 7, digest: '', type, enabled: true, variations, off, rules: [], fallthrough, ...more };
}

const flags = [
  flag(
    'new-checkout',
    { on: true, off: false },
    { variation: 'off' },
    {
      rules: [
        {
          id: 'pro-in-germany',
          when: {
            all: [
              { attr: 'plan', op: 'eq', values: ['pro'] },
              { attr: 'country', op: 'in', values: ['DE', 'AT'] } as never,
            ],
          },
          serve: {
            split: {
              slices: [
                ['on', 40_000],
                ['off', 60_000],
              ],
            },
          },
        },
      ],
    },
  ),
  flag(
    'theme',
    { dark: 'dark', light: 'light', blue: 'blue' },
    { variation: 'light' },
    {
      prerequisites: [{ flag: 'new-design', variations: ['on'] }],
      rules: [
        {
          id: 'evenings',
          when: { attr: 'beta', op: 'eq', values: [true] },
          serve: { variation: 'dark' },
        },
      ],
    },
  ),
  flag('new-design', { on: true, off: false }, { variation: 'on' }),
  flag('limits', { small: { max: 5, burst: [1, 2] }, big: { max: 50, burst: [10, 20] } }, { variation: 'small' }),
  flag(
    'page-size',
    { few: 10, many: 100 },
    {
      split: {
        slices: [
          ['few', 50_000],
          ['many', 50_000],
        ],
        experiment: 'page-size-2',
      },
    },
  ),
  flag('banner', { none: '', sale: 'Everything must go' }, { variation: 'sale' }),
  flag('search-v2', { on: true, off: false }, { variation: 'on' }, { enabled: false }),
  flag(
    'retired-operator',
    { on: true, off: false },
    { variation: 'on' },
    { rules: [{ id: 'x', when: { attr: 'a', op: 'near' as never }, serve: { variation: 'on' } }] },
  ),
];
const client = createMemoryContextClient(
  {
    format: 1,
    environment: 'test',
    epoch: 'e1',
    version: 7,
    flags: Object.fromEntries(flags.map((each) => [each.key, each])) as never,
    segments: {},
  },
  { targetingKey: 'user-42', plan: 'pro', country: 'DE', beta: true },
);
const pressed: string[] = [];
window.app = { client, pressed };
document.addEventListener('keydown', ({ key }) => pressed.push(key));

const FlagDevtools = lazy(async () => ({ default: (await import('@flags/react/devtools')).FlagDevtools }));

function Shop(): ReactElement {
  const { limits, 'page-size': pageSize } = useFlags({ limits: { max: 0 }, 'page-size': 0 });
  return (
    <main>
      <h1>A shop, {useFlag('theme', 'light')}</h1>
      <p id="banner">{useFlag('banner', '')}</p>
      <p>
        At most {limits.max}, {pageSize} a page. {useFlag('not-there', 'a default')}
      </p>
      <label>
        Name <input id="name" />
      </label>{' '}
      <Flag name="new-checkout" fallback={<button type="button">Checkout</button>}>
        <button type="button">New checkout</button>
      </Flag>
    </main>
  );
}

// What a page might do to every button and box of it.
const hostile = new CSSStyleSheet();
hostile.replaceSync(
  'main button { display: inline-block } body button, flag-devtools { display: none } * { letter-spacing: 3px }',
);
document.adoptedStyleSheets = [hostile];
document.documentElement.lang = 'en';
createRoot(document.body.appendChild(document.createElement('div'))).render(
  <StrictMode>
    <FlagProvider client={client}>
      <Shop />
      <Suspense>
        <FlagDevtools />
      </Suspense>
    </FlagProvider>
  </StrictMode>,
);
