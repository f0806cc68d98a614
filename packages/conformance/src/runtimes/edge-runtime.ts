import { createRequire } from 'node:module';
import { EdgeRuntime, runServer } from 'edge-runtime';
import { bundle } from '../bundle.ts';
import type { Runtime } from '../runtime.ts';
import { ANSWER, readAnswer, writeInput } from '../runtime.ts';

const HOST = `${ANSWER}
addEventListener('fetch', (event) => {
  event.respondWith(event.request.text().then((text) => answer(program.run, text)).then((text) => new Response(text)));
});
`;

/** Vercel's edge runtime, in this process. */
export const edgeRuntime: Runtime = {
  name: 'edge-runtime',
  version: async () =>
    (createRequire(import.meta.url)('edge-runtime/package.json') as { readonly version: string }).version,
  load: async (entry) => {
    const program = await bundle(entry, { format: 'iife', platform: 'neutral', conditions: ['edge-light'] });
    const runtime = new EdgeRuntime({ initialCode: `${program}\n${HOST}` });
    const server = await runServer({ runtime, host: '127.0.0.1', port: 0 });
    return {
      call: async (input) => {
        // Its server ends a connection that is idle for 5 s, maybe just as the next call comes: so one for each.
        const headers = { connection: 'close' };
        const response = await fetch(server.url, { method: 'POST', headers, body: writeInput(input) });
        const text = await response.text();
        if (!response.ok) throw new Error(`The edge runtime answered ${response.status}: ${text}`);
        return readAnswer(text);
      },
      close: () => server.close(),
    };
  },
};
