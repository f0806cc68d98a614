#!/usr/bin/env node
import { createServer } from 'node:net';
import { Command } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { CliOptions, Config } from './config.ts';
import { parseConfig } from './config.ts';
import { RelayError } from './errors.ts';
import { generateServerKey } from './keys/key.ts';
import { lineLog } from './line-log.ts';
import type { Relay } from './options.ts';
import { createRelay } from './server.ts';
import { sourceOf } from './source-config.ts';

const HELP = `
Keys
  Readers send one as "Authorization: Bearer <key>". A key that starts with ck_ is a client key: public, and shown only
  what is marked client: true. Any other is a server key: secret, and shown everything.
  Without a key the relay makes up a server key for this run and prints it once; only on an address of this machine.
  With secrets of 32 characters or more in FLAGS_RELAY_CONTEXT_SECRETS, with commas, client keys read values only for contexts
  that your servers signed with one of them (signContext of @flags/node).

Sources
  One of --flags, --upstream and --offline. A relay that follows another has its flags and positions; clients may move between
  them. With a client key (ck_) it is shown, and serves, only what client keys may see.

Endpoints
  GET /v1/stream     server-sent events: all flags, then every change
  GET /v1/snapshot   the same for polling, with an ETag
  POST /v1/evaluate  flags for the context in the body: { "context": { "targetingKey": "u" }, "flags": ["a"] }
  POST /v1/client/stream  server-sent events: the same values, then every one that changes for this context
  POST /ofrep/v1/…   the same for OpenFeature's OFREP providers
  GET /v1/openapi.json  all of this as OpenAPI 3.1
  GET /healthz       200 while the process lives
  GET /v1/history    for relays that follow this one: which keys each change touched
  GET /readyz        200 while it has flags to serve; says stale while its source is away
  GET /metrics       for Prometheus; with a server key, or on a port of its own without one (--metrics)

Signals and exit codes
  SIGTERM or Ctrl-C says goodbye to every reader and exits with 0; a second one exits at once with 130.
  1: an option, the flag file at start, or the port cannot be used; stderr says which and what to do.

Examples
  flags-relay --flags flags.yaml
  FLAGS_RELAY_UPSTREAM_KEY=sk_… flags-relay --upstream https://flags.example.com --snapshot /var/lib/flags.json
  FLAGS_RELAY_KEYS=$(openssl rand -hex 24) flags-relay --flags flags.yaml --host 0.0.0.0 --port 8071`;

const program = new Command('flags-relay')
  .description('Serves feature flags from a file or another relay, and pushes every change to SDKs at once.')
  .version(manifest.version)
  .option('-f, --flags <file>', 'flag file, YAML or JSON (FLAGS_RELAY_FLAGS)')
  .option('--upstream <url>', 'another relay to follow instead of a file (FLAGS_RELAY_UPSTREAM)')
  .option('--upstream-key <key>', 'a key of that relay; process lists show it, so prefer FLAGS_RELAY_UPSTREAM_KEY')
  .option('--upstream-key-file <file>', 'file that holds the key (FLAGS_RELAY_UPSTREAM_KEY_FILE)')
  .option('--offline <file>', 'serve a kept snapshot, a saved answer or a flag file as it is (FLAGS_RELAY_OFFLINE)')
  .option(
    '--snapshot <file>',
    'keep the last good flags here, to start with while the source is away (FLAGS_RELAY_SNAPSHOT)',
  )
  .option('-p, --port <number>', 'port; 0 takes any free one (FLAGS_RELAY_PORT, PORT; default 8080)')
  .option(
    '--host <address>',
    'address to listen on; 0.0.0.0 for all (FLAGS_RELAY_HOST; default 127.0.0.1, this machine)',
  )
  .option(
    '-k, --key <key...>',
    'keys readers may use; process lists show them, so prefer the variable (FLAGS_RELAY_KEYS, with commas)',
  )
  .option('--key-file <file>', 'file with one key a line; # starts a comment (FLAGS_RELAY_KEY_FILE)')
  .option(
    '--metrics <where>',
    'off, or the port or address:port of its own for /metrics (FLAGS_RELAY_METRICS; default: on --port, with a server key)',
  )
  .option(
    '--heartbeat <seconds>',
    'between heartbeats of a stream; half of it, 15 s at most, is the longest silence (FLAGS_RELAY_HEARTBEAT; default 30)',
  )
  .option('--log <form>', 'lines, json or silent (FLAGS_RELAY_LOG; default lines on a terminal, else json)')
  .addHelpText('after', HELP)
  .showHelpAfterError('Try: flags-relay --help')
  .action(async (options: CliOptions) => {
    const parsed = await parseConfig(options, process.env, process.stdout.isTTY);
    if (!parsed.ok) return fail(parsed.problems.join('\n'));
    try {
      await run(parsed.config);
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      fail(error.message);
    }
  });

void program.parseAsync();

async function run(config: Config): Promise<void> {
  const isDevelopment = config.keys.length === 0;
  const keys = isDevelopment ? [generateServerKey()] : config.keys;
  const relay = await createRelay({
    source: sourceOf(config.source),
    ...(config.snapshot === undefined ? {} : { snapshot: config.snapshot }),
    keys,
    contextSecrets: config.contextSecrets,
    host: config.host,
    port: config.port,
    heartbeatMs: config.heartbeatMs,
    ...(config.metrics === undefined ? {} : { metrics: config.metrics }),
    ...(config.log === 'silent' ? {} : { log: config.log === 'json' ? 'json' : lineLog(process.stdout) }),
  });
  // Before the port is open: whoever starts this may stop it at any moment.
  closeOnSignals(relay);
  try {
    await relay.listen();
  } catch (error) {
    await relay.close();
    if (error instanceof RelayError && error.code === 'PORT_IN_USE') {
      const free = await nextFreePort(config.host, config.port);
      if (free !== undefined) {
        return fail(`${error.message}\nPort ${free} is free: add --port ${free}`);
      }
    }
    throw error;
  }
  if (isDevelopment) {
    process.stderr.write(
      `No key is configured. For this run, on this machine: ${keys.join()}\nTry: curl -N -H "Authorization: Bearer ${keys.join()}" ${relay.url}/v1/stream\n`,
    );
  }
}

function closeOnSignals(relay: Relay): void {
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
