import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { startNginxWith } from '../src/nginx.ts';
import { request } from '../src/request.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { startRelay } from './relay-bench.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../relay/docs/proxies.md'), 'utf8');
const [, written = ''] = /```nginx\n(upstream [^`]*)```/.exec(page) ?? [];

/** A directive of the page as this machine needs it. */
function swap(text: string, from: string | RegExp, to: string): string {
  const swapped = text.replace(from, to);
  if (swapped === text) throw new Error(`docs/proxies.md has no ${String(from)}`);
  return swapped;
}

fault('nginx as it is advised', 10_000, async (bench) => {
  const { port, turn } = await startRelay(bench, { keys: [KEY, 'ck_public'], trustProxy: ['loopback'] });
  const nginx = bench.owns(
    await startNginxWith((place) => {
      const plain = swap(written, /listen [^;]+;/, `listen 127.0.0.1:${place.port}; location = /nginx { return 200; }`);
      const local = swap(swap(plain, /ssl_certificate [^;]+;/, ''), /ssl_certificate_key [^;]+;/, '');
      return swap(swap(local, '127.0.0.1:8080', `127.0.0.1:${port}`), '/var/log/nginx', place.folder);
    }),
  );
  const flags = bench.client(nginx.url);
  const page = bench.client(nginx.url, { key: 'ck_public' });
  await bench.until(() => flags.status().state === 'live' && page.status().state === 'live');
  turn(2, true);
  await bench.converged('the change', () => flags.value(FLAG, false));
  // Longer than nginx's own 1 MiB: the relay reads it, and says what is wrong with it.
  const report = await request(`${nginx.url}/v1/events`, { authorization: `Bearer ${KEY}` }, 'x'.repeat(1_900_000));
  expect([report.status, String(report.body)]).toEqual([415, expect.stringContaining('MEDIA_TYPE')]);
  expect((await request(`${nginx.url}/metrics`)).status).toBe(404);
  // Whoever guesses keys is one address, whatever it says of itself.
  const statuses: number[] = [];
  for (let guess = 0; guess < 6; guess += 1) {
    const guessed = { authorization: 'Bearer wrong', 'x-forwarded-for': `192.0.2.${guess}` };
    statuses.push((await request(`${nginx.url}/v1/snapshot`, guessed)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  await request(`${nginx.url}/v1/snapshot?key=ck_public`);
  const log = join(nginx.folder, 'flags.log');
  await bench.until(async () => (await readFile(log, 'utf8')).split('"GET /v1/snapshot" ').length === 8);
  expect(await readFile(log, 'utf8')).not.toContain('ck_public');
});
