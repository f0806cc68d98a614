export { createBareClient, createClient, type BrowserClientOptions, type BrowserParts } from './client.ts';
export { readPageBootstrap } from './bootstrap.ts';
export { createLocalStore, localCache, type TextStorage } from './cache.ts';
export { shareStream } from './share-stream.ts';
export { type ShareStream, type TabPorts, type Tabs } from './tabs.ts';
export { type PageLife } from './page-life.ts';
export { verifyKeys } from './verify-keys.ts';
export { createFetchTransport } from './transport.ts';
export { createExposures, createTimeWatch, fingerprintOf, FlagsError, isFlagsError } from '@flags/sync';
export type {
  ClientEvent,
  ClientOptions,
  ClientPhase,
  ClientStatus,
  ContextClient,
  CreateVerifier,
  CreateExposures,
  CreateSnapshots,
  CreateTimeWatch,
  FlagDetails,
  FlagsErrorCode,
  KeyProvider,
  Listener,
  Logger,
  PinOptions,
  ProblemCode,
  Ready,
  ReadyOptions,
  Source,
  SyncMode,
  ValuesBootstrap,
} from '@flags/sync';
export type { EvaluationContext, Resolution } from '@flags/core';
