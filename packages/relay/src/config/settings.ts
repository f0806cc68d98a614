/** How people write a setting where there is nothing but text: `rate` is `perSecond/burst` or `off`, a list has commas. */
export type Form = 'text' | 'number' | 'switch' | 'list' | 'rate';

/** What is known of one setting. */
export interface Setting {
  /** Its place in the file, e.g. `limits.connects`. */
  readonly path: string;
  readonly form: Form;
  /** One line for help and documentation. */
  readonly about: string;
  /** As commander wants it. */
  readonly option?: string;
  /** Variables beside the one that its path gives. */
  readonly variables?: readonly string[];
  /** Its value when nobody says anything. */
  readonly fallback?: string | number | boolean | readonly string[];
  /** What help says of its default, where the value does not say it. */
  readonly fallbackText?: string;
  /** Never shown. */
  readonly isSecret?: boolean;
  /** A path in the file is relative to the file. */
  readonly isPath?: boolean;
}

/** Every setting, in the order of help and documentation. */
export const SETTINGS: readonly Setting[] = [
  {
    path: 'flags',
    form: 'text',
    option: '-f, --flags <file>',
    isPath: true,
    about: 'flag file, YAML or JSON; its lock file is kept beside it',
  },
  {
    path: 'upstream',
    form: 'text',
    option: '--upstream <url>',
    about: 'another relay to follow instead of a file, with its prefix if it has one',
  },
  {
    path: 'upstreamKey',
    form: 'text',
    option: '--upstream-key <key>',
    isSecret: true,
    about: 'a key of that relay; process lists show options, so prefer the variable or a file',
  },
  {
    path: 'upstreamKeyFile',
    form: 'text',
    option: '--upstream-key-file <file>',
    isPath: true,
    about: 'file that holds that key; read again when it changes',
  },
  {
    path: 'offline',
    form: 'text',
    option: '--offline <file>',
    isPath: true,
    about: 'a kept snapshot, a saved answer or a flag file, served as it is',
  },
  {
    path: 'snapshot',
    form: 'text',
    option: '--snapshot <file>',
    isPath: true,
    about: 'file that keeps the last good flags, for restarts while their source cannot be reached',
  },
  {
    path: 'signingKey',
    form: 'text',
    isSecret: true,
    about: 'Ed25519 private key in PEM that signs the flags; a file keeps it better',
  },
  {
    path: 'signingKeyFile',
    form: 'text',
    option: '--signing-key <file>',
    isPath: true,
    about: 'file with the private key that signs the flags; flags-relay keys sign-new makes one',
  },
  {
    path: 'verifyKeys',
    form: 'list',
    option: '--verify-key <key...>',
    fallback: [],
    fallbackText: 'none',
    about: 'public keys; what the upstream serves is taken only when one of them has signed it',
  },
  {
    path: 'port',
    form: 'number',
    option: '-p, --port <number>',
    variables: ['PORT'],
    fallback: 8080,
    about: 'port; 0 takes any free one',
  },
  {
    path: 'host',
    form: 'text',
    option: '--host <address>',
    fallback: '127.0.0.1',
    about: 'address to listen on; nobody else reaches it until you say so, 0.0.0.0 for all',
  },
  {
    path: 'keys',
    form: 'list',
    option: '-k, --key <key...>',
    fallback: [],
    fallbackText: 'made up for the run, on this machine alone',
    isSecret: true,
    about: 'keys that readers may use; process lists show options, so prefer the variable or a file',
  },
  {
    path: 'keyFile',
    form: 'text',
    option: '--key-file <file>',
    isPath: true,
    about:
      'file with one key a line, # starts a comment; or YAML or JSON with a list as in keys. Read again when it changes',
  },
  {
    path: 'origins',
    form: 'list',
    option: '--origin <origin...>',
    fallback: [],
    fallbackText: 'none',
    about:
      'origins whose pages may read with client keys that have no list of their own, e.g. https://shop.example; * for all',
  },
  {
    path: 'contextSecrets',
    form: 'list',
    fallback: [],
    fallbackText: 'none',
    isSecret: true,
    about: 'secrets that your servers sign contexts with; with any, client keys read values for signed contexts only',
  },
  {
    path: 'stores',
    form: 'list',
    option: '--store <store...>',
    fallback: [],
    fallbackText: 'none',
    about:
      'stores at the edge that are told of every state: cloudflare:<account>/<namespace>, redis:https://…, edge-config:ecfg_…; tokens come from the environment alone',
  },
  {
    path: 'metrics',
    form: 'text',
    option: '--metrics <where>',
    fallbackText: 'on the port, with an admin or a server key',
    about: 'off, or the port or address:port of its own for /metrics, where it asks for no key',
  },
  {
    path: 'log',
    form: 'text',
    option: '--log <form>',
    fallbackText: 'lines on a terminal, else json',
    about: 'lines for people, json for collectors, or silent',
  },
  {
    path: 'prefix',
    form: 'text',
    option: '--prefix <path>',
    fallback: '',
    fallbackText: 'none',
    about: 'put before every path but /healthz, /readyz and /metrics, e.g. /sync',
  },
  {
    path: 'trustProxy',
    form: 'list',
    option: '--trust-proxy <address...>',
    fallback: [],
    fallbackText: 'none',
    about:
      'proxies that are believed about a client’s address (X-Forwarded-For): addresses, networks, loopback, uniquelocal',
  },
  {
    path: 'heartbeat',
    form: 'number',
    option: '--heartbeat <seconds>',
    fallback: 30,
    about: 'seconds between heartbeats of a stream; half of it, 15 s at most, is the longest silence',
  },
  {
    path: 'acks',
    form: 'switch',
    fallback: false,
    about: 'whether clients acknowledge what they apply, for the metric of how long changes take',
  },
  {
    path: 'limits.connects',
    form: 'rate',
    fallbackText: '1000/20000',
    about: 'streams that a key may open, each second and at once; false for no limit',
  },
  {
    path: 'limits.requests',
    form: 'rate',
    fallbackText: '5000/20000',
    about: 'other requests of a key; false for no limit',
  },
  {
    path: 'limits.failures',
    form: 'rate',
    fallbackText: '5 a minute',
    about: 'requests of one address without a good key, before they are answered with 429; false for no limit',
  },
  {
    path: 'streams.maxStreams',
    form: 'number',
    fallbackText: '15000',
    about: 'streams open at once; one more is asked to come back',
  },
  {
    path: 'streams.maxStreamsPerKey',
    form: 'number',
    fallbackText: 'two thirds of maxStreams for a client key, no limit for a server key',
    about: 'the same for each key that has no maxStreams of its own',
  },
  {
    path: 'streams.serverReserve',
    form: 'number',
    fallbackText: 'a fifth of maxStreams',
    about: 'of maxStreams, what client keys together leave to server keys; 0 where there are none',
  },
  {
    path: 'streams.maxStreamAgeMs',
    form: 'number',
    fallbackText: 'never',
    about: 'after 80 to 100 % of this a stream is asked to come back, so that load balancers spread it anew',
  },
  {
    path: 'streams.stallMs',
    form: 'number',
    fallbackText: '15000',
    about: 'a reader that takes nothing for so long is cut',
  },
  {
    path: 'streams.maxBacklogBytes',
    form: 'number',
    fallbackText: '67108864',
    about: 'memory that may wait for readers; above it the worst are cut',
  },
  {
    path: 'streams.maxContextBytes',
    form: 'number',
    fallbackText: '134217728',
    about: 'memory for contexts of streams of values: half for all alike, half for larger ones, which are then refused',
  },
];

/** The variable of a setting: `limits.connects` is `FLAGS_RELAY_LIMITS_CONNECTS`. */
export function variableOf({ path }: Setting): string {
  return `FLAGS_RELAY_${path
    .replaceAll('.', '_')
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}

/** The option of a setting without its argument: `--key-file`. */
export function optionOf({ option }: Setting): string | undefined {
  return /--[a-z-]+/.exec(option ?? '')?.[0];
}
