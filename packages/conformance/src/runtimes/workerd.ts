import { createRequire } from 'node:module';
import { Miniflare } from 'miniflare';
import { bundle } from '../bundle.ts';
import type { Runtime } from '../runtime.ts';
import { ANSWER, readAnswer, writeInput } from '../runtime.ts';

// In a Durable Object, since what one request of a Worker began is closed to all others, and isolates come and go.
const HOST = `${ANSWER}
import { run } from './program.mjs';
export class Host {
  async fetch(request) {
    return new Response(await answer(run, await request.text()));
  }
}
export default { fetch: (request, { HOST }) => HOST.get(HOST.idFromName('host')).fetch(request) };
`;

/** The runtime of Cloudflare Workers, itself. */
export const workerd: Runtime = {
  name: 'workerd',
  version: async () => {
    // The one that Miniflare brings.
    const require = createRequire(createRequire(import.meta.url).resolve('miniflare'));
    return (require('workerd/package.json') as { readonly version: string }).version;
  },
  load: async (entry) => {
    const program = await bundle(entry, { format: 'esm', platform: 'neutral', conditions: ['workerd'] });
    const miniflare = new Miniflare({
      modules: [
        { type: 'ESModule', path: 'host.mjs', contents: HOST },
        { type: 'ESModule', path: 'program.mjs', contents: program },
      ],
      durableObjects: { HOST: 'Host' },
      compatibilityDate: '2026-07-01',
      cf: false,
    });
    await miniflare.ready.catch(async (error: unknown) => {
      await miniflare.dispose();
      throw error;
    });
    return {
      call: async (input) => {
        const response = await miniflare.dispatchFetch('http://host.test/', {
          method: 'POST',
          body: writeInput(input),
        });
        const text = await response.text();
        if (!response.ok) throw new Error(`workerd answered ${response.status}: ${text}`);
        return readAnswer(text);
      },
      close: () => miniflare.dispose(),
    };
  },
};
