import { Command, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Setting } from './config/setting.ts';
import { variableOf } from './config/setting.ts';
import { SETTINGS } from './config/settings.ts';

/** What stands above each group of options, by its first setting. */
const HEADINGS: Readonly<Record<string, string>> = {
  flags: 'Where the flags come from: one of --flags, --upstream and --offline',
  port: 'Where it listens',
  keys: 'Who may read',
  'segments.url': 'How it runs',
};

const START = `
To begin
  flags-relay --flags flags.yaml      serve a file; prints a key to read it with
  flags-relay keys new --kind server  make a key that lasts
  flags-relay --config relay.yaml     take all settings from one file
`;

const HELP = `
Settings
  An option wins over its variable, the variable over the file, the file over the default. The file is YAML or JSON and
  knows every setting, more than there are options: limits.connects, limits.requests, limits.failures, streams.maxStreams
  and others, contextSecrets, acks. Each has a variable: limits.connects is FLAGS_RELAY_LIMITS_CONNECTS. In variables lists
  have commas, and rates are perSecond/burst or off. --print-config shows what is in use, and who said so.

    flags: flags.yaml
    port: 8071
    keys:
      - { sha256: 9f86…0a08, kind: server, name: checkout, expiresAt: 2030-01-31T00:00:00Z }
      - { key: ck_web, origins: [https://shop.example], maxStreams: 5000 }

Keys
  Readers send one as "Authorization: Bearer <key>". The prefix says what it is:
    sk_ or none  server: secret, and shown everything
    ck_          client: public, and shown only what is marked client: true
    ad_          admin: secret, opens /metrics and no flags
  Without a key the relay makes one up and prints it once; only on an address of this machine. A file needs no more than
  the SHA-256 that "flags-relay keys new" prints. Files with keys are read again when they change, and on SIGHUP: a key
  that is gone is taken back and its streams end; to let one run out, give it expiresAt.
  With secrets of 32 characters or more in FLAGS_RELAY_CONTEXT_SECRETS client keys read values only for contexts that
  your servers signed with one of them (signContext of @flags/node).

External segments
  --segments names an address of yours that is asked who is in segments marked external, before flags are evaluated here:
  POST { "unit": "user-42", "by": "targetingKey", "segments": ["beta"] }, answered with { "segments": ["beta"] }. It gets
  FLAGS_RELAY_SEGMENTS_SECRET as a bearer token. Client keys then cannot claim segments in contexts that nobody signed.

Relays behind relays
  A relay that follows another has its flags and positions; clients may move between them. With a client key (ck_) it is
  shown, and serves, only what client keys may see.

Stores at the edge
  With --store every change is written where isolates of @flags/edge read it: cloudflare:<account>/<namespace>,
  redis:https://… (Upstash) or edge-config:ecfg_… (Vercel); ?view=client, &prefix=shop/ and others may follow. The token
  comes from CLOUDFLARE_API_TOKEN, UPSTASH_REDIS_REST_TOKEN or VERCEL_TOKEN, or from the variable that ?tokenFrom=NAME
  names, and is never printed. A store that fails is logged, tried again, and holds up nobody.

Signatures
  With --signing-key every state is signed, and clients that pin the public key (verifyKeys of @flags/node, of
  @flags/browser) use nothing else, whatever lies between. "flags-relay keys sign-new signing-key.pem" makes a key and
  prints the public one; the log repeats it at start. Relays behind this one pass signatures on; with --verify-key they
  check them, too.

Endpoints
  GET /v1/stream          server-sent events: all flags, then every change
  GET /v1/snapshot        the same for polling, with an ETag
  POST /v1/evaluate       flags for the context in the body: { "context": { "targetingKey": "u" }, "flags": ["a"] }
  POST /v1/client/stream  server-sent events: the same values, then every one that changes for this context
  POST /ofrep/v1/…        the same for OpenFeature's OFREP providers
  GET /v1/history         for relays that follow this one: which keys each change touched
  GET /v1/openapi.json    all of this as OpenAPI 3.1
  GET /healthz            200 while the process lives
  GET /readyz             200 while it has flags to serve; says stale while its source is away
  GET /metrics            for Prometheus; with an admin or server key, or on a port of its own without one (--metrics)

Traces
  OTEL_EXPORTER_OTLP_ENDPOINT names an OpenTelemetry collector. Its packages have to be installed beside; without them the
  start says which.

Signals and exit codes
  SIGTERM or Ctrl-C says goodbye to every reader and exits with 0; a second one exits at once with 130.
  SIGHUP reads the keys again; what else has changed is logged, and waits for a restart.
  1: an option, the flag file at start, or the port cannot be used; stderr says which and what to do.

Examples
  flags-relay --flags flags.yaml
  FLAGS_RELAY_KEYS=$(openssl rand -hex 24) flags-relay --flags flags.yaml --host 0.0.0.0 --port 8071
  flags-relay --config relay.yaml --print-config
  FLAGS_RELAY_UPSTREAM_KEY=sk_… flags-relay --upstream https://flags.example.com --snapshot /var/lib/flags.json`;

/** The command with its options and its help, without anything that it does. */
export function createProgram(): Command {
  const program = new Command('flags-relay')
    .description(
      `Serves feature flags from a file or another relay, and pushes every change to SDKs at once.\n${START.trimEnd()}`,
    )
    .version(manifest.version)
    .addOption(
      new Option(
        '-c, --config <file>',
        'configuration, YAML or JSON; keys are read again when it changes (FLAGS_RELAY_CONFIG)',
      ),
    );
  let heading = '';
  for (const setting of SETTINGS) {
    heading = HEADINGS[setting.path] ?? heading;
    if (setting.option === undefined) continue;
    program.addOption(new Option(setting.option, `${setting.about} (${sourcesOf(setting)})`).helpGroup(heading));
  }
  return program
    .option('--print-config', 'print the configuration in use as YAML, with who set each value, and exit')
    .addHelpText('after', HELP)
    .showHelpAfterError('Try: flags-relay --help');
}

function sourcesOf(setting: Setting): string {
  const { variables = [], fallbackText, fallback } = setting;
  const by =
    fallbackText ?? (typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : undefined);
  return `${[variableOf(setting), ...variables].join(', ')}${by === undefined || by === 'none' ? '' : `; default: ${by}`}`;
}
