export { createClient, type NodeClientOptions } from './client.ts';
export {
  CONTEXT_SIGNATURE_HEADER,
  MIN_CONTEXT_SECRET_LENGTH,
  proveContext,
  signContext,
  type ContextProof,
} from './signed-context.ts';
export { verifyKeys } from './verify-keys.ts';
export { createFileStore } from './cache.ts';
export { createReplica } from './replica.ts';
export { FlagsError, isFlagsError } from '@flags/sync';
export type {
  ClientEvent,
  ClientOptions,
  ClientPhase,
  ClientStatus,
  FlagClient,
  FlagDetails,
  FlagReader,
  FlagsErrorCode,
  KeyProvider,
  Listener,
  Logger,
  ProblemCode,
  Ready,
  ReadyOptions,
  Replica,
  ReplicaOptions,
  Source,
  SyncMode,
  CreateVerifier,
  PinOptions,
} from '@flags/sync';
export type { EvaluationContext, Resolution } from '@flags/core';
