import { join } from 'node:path';
import type { Runtime } from './runtime.ts';
import { chromium, firefox, webkit } from './runtimes/browsers.ts';
import { edgeRuntime } from './runtimes/edge-runtime.ts';
import { bun, deno, otherNodes } from './runtimes/installed.ts';
import { node } from './runtimes/node.ts';
import { workerd } from './runtimes/workerd.ts';
import type { TransportLimits } from './suites/transport.ts';

/** A runtime with the package that people use in it. */
export interface Entry {
  readonly runtime: Runtime;
  readonly package: 'node' | 'edge' | 'browser';
  /** What the runtime cannot do. */
  readonly limits: TransportLimits;
  /** Whether `npm test` runs it; it needs nothing that the workspace does not bring. */
  readonly isInTest: boolean;
}

const ofNode = (runtime: Runtime): Entry => ({ runtime, package: 'node', limits: {}, isInTest: runtime === node });
const ofEdge = (runtime: Runtime): Entry => ({
  runtime,
  package: 'edge',
  limits: { follows: 'nothing' },
  isInTest: true,
});
const ofBrowser = (runtime: Runtime, limits: TransportLimits = {}): Entry => ({
  runtime,
  package: 'browser',
  limits: { follows: 'reads', ...limits },
  isInTest: runtime === chromium,
});

/** Every runtime that is promised, by package. */
export const matrix: readonly Entry[] = [
  ...[...otherNodes, node].sort((a, b) => (a.name < b.name ? -1 : 1)).map(ofNode),
  ...[deno, bun].map(ofNode),
  ...[workerd, edgeRuntime].map(ofEdge),
  ofBrowser(chromium),
  ofBrowser(firefox),
  ofBrowser(webkit, { seesDamage: false }),
];

/** The program that runs the suite over a package. */
export function programOf({ package: name }: Entry): string {
  return join(import.meta.dirname, 'programs', `${name}.ts`);
}
