import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An installed relay that serves the flags which examples read. */
export interface StartedRelay {
  readonly url: string;
  readonly key: string;
  /** Ends it, and throws if it does not end well. */
  stop(): Promise<void>;
}

const flags = 'flags: { new-checkout: { serve: true, client: true } }\n';

/** Starts the command that the tarball of the relay installed in `folder`, on the given Node. */
export async function startRelay(folder: string, node: string): Promise<StartedRelay> {
  const own = join(folder, 'relay');
  mkdirSync(own);
  writeFileSync(join(own, 'flags.yaml'), flags);
  const key = randomBytes(16).toString('hex');
  const command = join(folder, 'node_modules/.bin/flags-relay');
  const child = spawn(node, [command, '--flags', 'flags.yaml', '--port', '0', '--log', 'json'], {
    cwd: own,
    env: { ...process.env, FLAGS_RELAY_KEYS: key },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
        if (found) resolve(found);
      });
    }
    child.once('exit', () => reject(new Error(`The relay did not start: ${output}`)));
  });
  return {
    url,
    key,
    async stop() {
      process.off('exit', kill);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await exit) as [number | null];
      if (code !== 0) throw new Error(`The relay did not end well (${code}): ${output}`);
    },
  };
}
