import type { Setting } from './setting.ts';

/** Settings of what readers may take. */
export const LIMIT_SETTINGS: readonly Setting[] = [
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
