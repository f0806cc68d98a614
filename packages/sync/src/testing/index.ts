export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createMemoryClient, type MemoryClient, type MemoryValues } from './memory-client.ts';
export { createScriptedTransport, type ScriptedRequest, type ScriptedTransport } from './scripted-transport.ts';
export { describeTransport, type SuiteExchange, type SuiteServer, type TransportSuite } from './suites.ts';
