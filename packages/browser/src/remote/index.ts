export { createBareClient, createClient, valuesCache, type RemoteClientOptions, type RemoteParts } from './client.ts';
export { readPageBootstrap } from '../bootstrap.ts';
export { shareStream } from './share-stream.ts';
export { type ShareStream } from '../tabs.ts';
export { createExposures, fingerprintOf, FlagsError, isFlagsError } from '@flags/sync';
export type {
  ClientEvent,
  ClientPhase,
  ClientStatus,
  ContextClient,
  CreateExposures,
  CreateValuesCache,
  FlagDetails,
  FlagsErrorCode,
  KeyProvider,
  Listener,
  Logger,
  ProblemCode,
  Ready,
  ReadyOptions,
  SignContext,
  Source,
  SyncMode,
  ValuesBootstrap,
} from '@flags/sync';
export type { EvaluationContext, Resolution } from '@flags/core';
