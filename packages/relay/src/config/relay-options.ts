import type { ExternalSegmentsOptions } from '@flags/sync';
import { externalSegments } from '@flags/sync';
import { httpLookup } from '../http-lookup.ts';
import { generateServerKey } from '../keys/key.ts';
import { lineLog } from '../line-log.ts';
import type { RelayOptions, StreamLimits } from '../options.ts';
import { sourceOf } from '../source-config.ts';
import type { Config } from './parse.ts';
import type { SegmentSettings } from './schema.ts';
import { publishedStore } from './published-stores.ts';

/** A relay's options after a configuration. Without a key there is one for this run, which is `madeUp`. */
export function relayOptionsOf({ settings, source, keys, signingKey, stores }: Config): {
  options: RelayOptions;
  madeUp: string | undefined;
} {
  const { snapshot, host, port, prefix, origins, contextSecrets, limits, trustProxy, acks } = settings;
  const madeUp = keys.length === 0 ? generateServerKey() : undefined;
  const options: RelayOptions = {
    source: sourceOf(source, settings.verifyKeys),
    keys: madeUp === undefined ? keys : [madeUp],
    host,
    port,
    prefix,
    origins,
    contextSecrets,
    limits,
    trustProxy,
    acks,
    stores: stores.map(publishedStore),
    heartbeatMs: settings.heartbeat * 1_000,
    streams: Object.fromEntries(
      Object.entries(settings.streams).filter(([, value]) => value !== undefined),
    ) as StreamLimits,
    ...segmentsOf(settings.segments),
    ...(signingKey === undefined ? {} : { signingKey }),
    ...(snapshot === undefined ? {} : { snapshot }),
    ...(settings.metrics === undefined ? {} : { metrics: settings.metrics }),
    ...(settings.log === 'silent' ? {} : { log: settings.log === 'json' ? 'json' : lineLog(process.stdout) }),
  };
  return { options, madeUp };
}

function segmentsOf({ url, secret, ...given }: SegmentSettings): Pick<RelayOptions, 'segments'> {
  if (url === undefined) return {};
  const options: ExternalSegmentsOptions = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  return { segments: externalSegments(httpLookup({ url, secret, timeoutMs: options.timeoutMs }), options) };
}
