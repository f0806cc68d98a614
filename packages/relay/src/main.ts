#!/usr/bin/env node
import { createServer } from 'node:net';
import type { Config, ParsedConfig } from './config/parse.ts';
import { parseConfig } from './config/parse.ts';
import { printConfig } from './config/print.ts';
import { relayOptionsOf } from './config/relay-options.ts';
import type { CliOptions } from './config/sources.ts';
import { RelayError } from './errors.ts';
import { createProgram } from './help.ts';
import { jsonLog } from './json-log.ts';
import { keysCommand } from './keys-command.ts';
import { SILENT } from './log.ts';
import type { Relay } from './options.ts';
import { reloadKeys } from './reload.ts';
import { createRelay } from './server.ts';
import { wantsTraces } from './tracing.ts';

const program = createProgram();
program.addCommand(keysCommand(fail));
program.action(async ({ printConfig: isPrinting, ...options }: CliOptions & { readonly printConfig?: true }) => {
  const read = (): Promise<ParsedConfig> => parseConfig(options, process.env, process.stdout.isTTY);
  const parsed = await read();
  if (!parsed.ok) return fail(parsed.problems.join('\n'));
  if (isPrinting === true) return void process.stdout.write(printConfig(parsed.config));
  try {
    await run(parsed.config, read);
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    fail(error.message);
  }
});

void program.parseAsync();

async function run(config: Config, read: () => Promise<ParsedConfig>): Promise<void> {
  const { options, madeUp } = relayOptionsOf(config);
  const log = options.log === 'json' ? jsonLog() : (options.log ?? SILENT);
  const relay = await createRelay({ ...options, log, traces: wantsTraces(process.env) });
  const reload = reloadKeys({ relay, source: options.source, config, read, log });
  process.on('SIGHUP', () => reload.now());
  // Before the port is open: whoever starts this may stop it at any moment.
  closeOnSignals({
    close: async () => {
      await reload.stop();
      await relay.close();
    },
  });
  try {
    await relay.listen();
  } catch (error) {
    await reload.stop();
    await relay.close();
    const { host, port } = config.settings;
    if (error instanceof RelayError && error.code === 'PORT_IN_USE') {
      const free = await nextFreePort(host, port);
      if (free !== undefined) return fail(`${error.message}\nPort ${free} is free: add --port ${free}`);
    }
    throw error;
  }
  if (madeUp !== undefined) {
    process.stderr.write(
      `No key is configured. For this run, on this machine: ${madeUp}\nTry: curl -N -H "Authorization: Bearer ${madeUp}" ${relay.url}/v1/stream\n`,
    );
  }
}

function closeOnSignals(relay: Pick<Relay, 'close'>): void {
  let isClosing = false;
  const close = (): void => {
    // The second time a person means it.
    if (isClosing) process.exit(130);
    isClosing = true;
    void relay.close().then(() => process.exit(0));
  };
  process.on('SIGINT', close).on('SIGTERM', close);
}

/** The next port above that nothing listens on, among the next 20. */
async function nextFreePort(host: string, taken: number): Promise<number | undefined> {
  for (let port = taken + 1; port <= Math.min(taken + 20, 65_535); port += 1) {
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer().once('error', () => resolve(false));
      probe.listen(port, host, () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  return undefined;
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
