import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A registry on this machine that takes every package of ours, and knows no other. */
export interface LocalRegistry {
  /** With a slash at its end. */
  readonly url: string;
  /** The line of an `.npmrc` that takes our packages from here, and leaves the others to the registry that is configured. */
  readonly npmrc: string;
  stop(): Promise<void>;
}

// No uplinks: whatever is asked for, nothing is fetched from, or sent to, another registry.
const CONFIGURATION = `storage: ./storage
plugins: ./plugins
middlewares: { no-store: { enabled: true } }
packages: { '@flags/*': { access: $all, publish: $all, unpublish: $none } }
web: { enable: false }
log: { type: stdout, format: json, level: error }
`;

// npm's cache knows packages by their address, and another run may have had the same: it would take an old release for the newest.
const NO_STORE = `module.exports = () => ({
  register_middlewares: (app) =>
    app.use((request, response, next) => {
      response.setHeader('cache-control', 'no-store');
      next();
    }),
});
`;

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts Verdaccio, whose files are in `folder`; `root` is the workspace that brings it. */
export async function startRegistry(root: string, folder: string): Promise<LocalRegistry> {
  const plugin = join(folder, 'plugins/verdaccio-no-store');
  mkdirSync(plugin, { recursive: true });
  writeFileSync(
    join(plugin, 'package.json'),
    '{ "name": "verdaccio-no-store", "version": "1.0.0", "main": "index.js" }',
  );
  writeFileSync(join(plugin, 'index.js'), NO_STORE);
  const file = join(folder, 'verdaccio.yaml');
  writeFileSync(file, CONFIGURATION);
  const address = `127.0.0.1:${await findPort()}`;
  const url = `http://${address}/`;
  const command = join(root, 'tools/registry/node_modules/verdaccio/bin/verdaccio');
  const child = spawn(process.execPath, [command, '--config', file, '--listen', address], { cwd: folder });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const deadline = Date.now() + 30_000;
  while (!(await answers(`${url}-/ping`))) {
    if (child.exitCode === null && Date.now() < deadline) await sleep(50);
    else throw new Error(`The registry did not start on ${address}:\n${output}`);
  }
  return {
    url,
    npmrc: `@flags:registry=${url}\n`,
    async stop() {
      process.off('exit', kill);
      if (child.exitCode !== null) throw new Error(`The registry ended by itself:\n${output}`);
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
