import type { Adapter } from './adapter.ts';

// By file: a process imports its own adapter only.
const FILES = [
  'handwritten',
  'flags-core',
  'flags-node',
  'configcat-sdk',
  'configcat-node',
  'devcycle',
  'eppo',
  'flagd',
  'flagsmith',
  'growthbook',
  'launchdarkly',
  'optimizely',
  'statsig',
  'unleash',
] as const;

/** The names of all adapters, in the order of the tables. */
export const adapterNames: readonly string[] = FILES;

/** Imports one adapter, with its SDK. */
export async function importAdapter(name: string): Promise<Adapter> {
  const module = (await import(`./adapters/${name}.ts`)) as { readonly adapter: Adapter };
  return module.adapter;
}
