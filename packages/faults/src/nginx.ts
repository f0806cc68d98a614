import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nginxBinary } from './nginx-binary.ts';
import { request } from './request.ts';

/** A reverse proxy as people run it. */
export interface Nginx {
  readonly url: string;
  readonly port: number;
  /** Where everything is that it writes. */
  readonly folder: string;
  close(): Promise<void>;
}

/**
 * Starts nginx in front of a port of this machine, on a port of its own, with everything it writes in a folder of its own.
 *
 * @param directives What stands in its `location`, beside `proxy_pass`. None: Debian's defaults.
 */
export function startNginx(target: number, directives: readonly string[] = []): Promise<Nginx> {
  return startNginxWith(
    ({ port }) => `access_log off;
  server {
    listen 127.0.0.1:${port};
    location = /nginx { return 200; }
    location / {
      proxy_pass http://127.0.0.1:${target};
      ${directives.join('\n      ')}
    }
  }`,
  );
}

/**
 * The same with a configuration of one's own.
 *
 * @param http What stands in its `http`; it has to listen on the port, and to answer `/nginx` with 200.
 */
export async function startNginxWith(http: (place: Pick<Nginx, 'port' | 'folder'>) => string): Promise<Nginx> {
  const { command, env } = await nginxBinary();
  const folder = await mkdtemp(join(tmpdir(), 'flags-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, http({ port, folder })));
  const child = spawn(command, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    env,
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries += 1) {
    const answer = await request(`${url}/nginx`).catch(() => undefined);
    if (answer?.status === 200) return { url, port, folder, close };
    if (tries > 500 || child.exitCode !== null) {
      await close();
      throw new Error('nginx did not start');
    }
    await sleep(20);
  }
}

function configuration(folder: string, http: string): string {
  // One process, so that one signal ends it; Debian's defaults would write to places that are not ours.
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  ${paths.join('\n  ')}
  ${http}
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
