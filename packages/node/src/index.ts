export { createClient, type NodeClient, type NodeClientOptions } from './client.ts';
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
export { createHttpTransport } from './transport.ts';
export {
  createBootstrap,
  externalSegments,
  FlagsError,
  isFlagsError,
  renderBootstrap,
  UNRESOLVED_SEGMENTS,
} from '@flags/sync';
export type {
  BootstrapOptions,
  ClientEvent,
  ClientOptions,
  ClientPhase,
  ClientStatus,
  CreateSegments,
  ExternalSegmentsOptions,
  FlagClient,
  FlagDetails,
  FlagReader,
  FlagsErrorCode,
  KeyProvider,
  Listener,
  Logger,
  LookUpSegments,
  ProblemCode,
  Ready,
  ReadyOptions,
  Replica,
  ReplicaOptions,
  SegmentQuestion,
  Source,
  SyncMode,
  CreateVerifier,
  PinOptions,
  RenderOptions,
  ValuesBootstrap,
} from '@flags/sync';
export type { EvaluationContext, Resolution } from '@flags/core';
