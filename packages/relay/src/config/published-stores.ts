import type { EdgeKv } from '@flags/edge';
import { cloudflareRestKv, edgeConfigRestKv, redisKv } from '@flags/edge';
import { formatPath } from '../input-problems.ts';
import { kindOf } from '../keys/key.ts';
import type { PublishedStore } from '../options.ts';
import type { SourceConfig } from '../source-config.ts';
import type { Document, Given, Variables } from './sources.ts';
import type { StoreConfig } from './stores.ts';
import { parseStores } from './stores.ts';

/** What stores are read from. */
interface StoresInput {
  readonly listed: unknown;
  readonly given: Given | undefined;
  readonly variables: Variables;
  readonly document: Document | undefined;
  readonly source: SourceConfig | undefined;
}

/** Checks the stores; reports every problem with its place. */
export function readStores(input: StoresInput, report: (problem: string) => void): readonly StoreConfig[] {
  const { listed, given, variables, document, source } = input;
  if (!Array.isArray(listed)) return [];
  const parsed = parseStores(listed, variables);
  const placeOf = (path: readonly PropertyKey[]): string => {
    if (given?.isFile === true) return `${document?.origin(['stores', ...path])}: ${formatPath(['stores', ...path])}`;
    const [index, ...member] = path;
    const which = listed.length === 1 ? 'the store' : `store ${Number(index) + 1}`;
    return `${given?.origin}: ${[which, formatPath(member)].filter((part) => part !== '').join('.')}`;
  };
  if (!parsed.ok) {
    for (const { path, message } of parsed.problems) report(`${placeOf(path)} ${message}`);
    return [];
  }
  // A relay that is shown what client keys are has nothing else to write.
  if (source?.kind === 'upstream' && kindOf(source.key) === 'client') {
    for (const [index, { settings }] of parsed.stores.entries()) {
      if (settings.view === 'server')
        report(
          `${placeOf([index])} takes what server keys are shown, and the upstream key is a client key. Add view: client.`,
        );
    }
  }
  return parsed.stores;
}

/** A store as the relay writes it. */
export function publishedStore({ settings, token }: StoreConfig): PublishedStore {
  const { view, name, confirm } = settings;
  return { kv: kvOf({ settings, token }), view, name, confirmMs: confirm === false ? Infinity : confirm * 1_000 };
}

function kvOf({ settings, token }: StoreConfig): EdgeKv {
  const { prefix } = settings;
  const common = { token, ...(prefix !== undefined && { prefix }) };
  const url = settings.url?.replace(/\/+$/, '');
  switch (settings.kind) {
    case 'cloudflare': {
      const { account, namespace } = settings;
      return cloudflareRestKv({ ...common, account, namespace, ...(url !== undefined && { url }) });
    }
    case 'redis':
      return redisKv({ ...common, url: settings.url });
    case 'edge-config': {
      const { id, team } = settings;
      return edgeConfigRestKv({
        ...common,
        id,
        ...(team !== undefined && { team }),
        ...(url !== undefined && { url }),
      });
    }
  }
}
