// The process: a client for its life, the service around it, and an end that cuts nobody off.
import type { AddressInfo } from 'node:net';
import { createClient } from '@flags/node';
import { createApp } from './app.ts';

const { FLAGS_URL: url = '', FLAGS_KEY: key = '', FLAGS_CACHE: cache, PORT = '3000' } = process.env;
if (url === '' || key === '') {
  console.error('FLAGS_URL and FLAGS_KEY are not set: the address of the relay, and a server key of it (sk_…).');
  process.exit(1);
}

const flags = createClient({ url, key, logger: console, ...(cache !== undefined && { cache }) });
// A moment for the first rules; without them the shop opens with its defaults, and follows when they come.
const { source } = await flags.ready({ timeoutMs: 2_000 });
if (source === undefined) console.warn('There are no flags yet. The shop opens with its defaults.');

const server = createApp(flags).listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`The shop is open: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

/** Lets requests end, reports what was read, and with nothing left to do the process ends by itself. */
async function stop(): Promise<void> {
  setTimeout(() => server.closeAllConnections(), 5_000).unref();
  await new Promise((resolve) => void server.close(resolve));
  await flags.close();
}
