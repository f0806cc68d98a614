export { rulesetOf, switchFlag } from './entries.ts';
export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createMemoryClient, type MemoryClient, type MemoryValues } from './memory-client.ts';
export { createMemoryContextClient, type MemoryContextClient } from './memory-context-client.ts';
export {
  createScriptedTransport,
  type ScriptedKind,
  type ScriptedRequest,
  type ScriptedTransport,
} from './scripted-transport.ts';
export type { SuiteExchange, SuiteServer, TransportSuite } from './suites/exchange.ts';
export { describeStore, type OpenStore, type StoreSuite } from './suites/store.ts';
export { describeTransport } from './suites/transport.ts';
