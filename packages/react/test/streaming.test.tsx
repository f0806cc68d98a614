// @vitest-environment node
import { text } from 'node:stream/consumers';
import { PassThrough } from 'node:stream';
import { Suspense } from 'react';
import type { ReactElement } from 'react';
import { renderToPipeableStream } from 'react-dom/server';
import { expect, test } from 'vitest';
import { FlagProvider, useFlag } from '@flags/react';
import { BootstrapScript, bootstrapText, requestFlags } from '@flags/react/server';
import { createMemoryClient } from '@flags/sync/testing';
import { rulesOf } from './rules.ts';

test('a document is streamed with its bootstrap first, and what comes late agrees with it', async () => {
  const client = createMemoryClient(rulesOf({ theme: 'dark' }));
  const { bootstrap } = await requestFlags(client, { targetingKey: 'ann' });
  let isHere = false;
  const arrive = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    client.set({ theme: 'changed while it streams' });
    isHere = true;
  };
  const arrival = arrive();
  const Theme = (): ReactElement => <b>{useFlag('theme', 'light')}</b>;
  function Late(): ReactElement {
    if (!isHere) throw arrival;
    return <Theme />;
  }
  const nonce = 'abc123';
  const html = await new Promise<string>((resolve, reject) => {
    const stream = renderToPipeableStream(
      <html>
        <head>
          <BootstrapScript bootstrap={bootstrap} nonce={nonce} />
        </head>
        <body>
          <FlagProvider bootstrap={bootstrap}>
            <Theme />
            <Suspense fallback="waiting">
              <Late />
            </Suspense>
          </FlagProvider>
        </body>
      </html>,
      {
        nonce,
        bootstrapScriptContent: bootstrapText(bootstrap),
        onError: reject,
        onShellReady: () => void text(stream.pipe(new PassThrough())).then(resolve),
      },
    );
  });
  expect(html).toContain('<b>dark</b>');
  expect(html.match(/<b>dark<\/b>/g)).toHaveLength(2);
  expect(html).not.toContain('changed');
  expect(html.indexOf('__FLAG_BOOTSTRAP__')).toBeLessThan(html.indexOf('<b>'));
  expect([...html.matchAll(/<script(?! nonce="abc123")/g)]).toEqual([]);
});
