import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './nginx-binary.ts';
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

/** Which nginx, and how much of it. */
export interface NginxProcess {
  readonly program: Program;
  /** What stands outside of `http`, such as `load_module`. */
  readonly main: readonly string[];
  /** How many connections one process takes. */
  readonly connections: number;
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
 * @param how Debian's nginx as one process when absent, so that one signal ends it.
 */
export async function startNginxWith(
  http: (place: Pick<Nginx, 'port' | 'folder'>) => string,
  how?: NginxProcess,
): Promise<Nginx> {
  const chosen = how ?? { program: await nginxBinary(), main: ['master_process off;'], connections: 1_024 };
  const { command, env } = chosen.program;
  const folder = await mkdtemp(join(tmpdir(), 'flags-nginx-'));
  const port = await freePort();
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, chosen, http({ port, folder })));
  const child = spawn(command, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    env,
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  // An nginx that outlives those who started it would hold its port for ever.
  const leave = (): void => {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', leave);
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
    process.off('exit', leave);
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries += 1) {
    const answer = await request(`${url}/nginx`).catch(() => undefined);
    if (answer?.status === 200) return { url, port, folder, close };
    if (tries > 500 || child.exitCode !== null) {
      const said = await readFile(join(folder, 'error.log'), 'utf8').catch(() => 'it wrote nothing');
      await close();
      throw new Error(`nginx did not start:\n${said}`);
    }
    await sleep(20);
  }
}

function configuration(folder: string, { main, connections }: NginxProcess, http: string): string {
  // Debian's defaults would write to places that are not ours.
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `${main.join('\n')}
daemon off;
pid ${folder}/nginx.pid;
events { worker_connections ${connections}; }
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
