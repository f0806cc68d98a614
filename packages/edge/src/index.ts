export { createEdgeFlags } from './client.ts';
export { type EdgeFlags, type EdgeStatus, type RequestScope } from './edge-flags.ts';
export { type ContextOf, type EdgeOptions } from './options.ts';
export { type RequestFlags } from './request-flags.ts';
export {
  cloudflareKv,
  edgeConfigKv,
  type CloudflareKvOptions,
  type CloudflareNamespace,
  type EdgeConfigClient,
  type KvOptions,
} from './adapters.ts';
export {
  cloudflareRestKv,
  edgeConfigRestKv,
  redisKv,
  type CloudflareRestOptions,
  type EdgeConfigRestOptions,
  type RedisOptions,
} from './rest-adapters.ts';
export { type EdgeKv } from './kv.ts';
export { createKvPublisher, type KvPublisher, type PublishOutcome, type PublisherSettings } from './publisher.ts';
export { createFetchTransport, type Fetch } from './transport.ts';
export { ANONYMOUS_ID_COOKIE, readAnonymousId } from './anonymous-id.ts';
export { flagMiddleware, type FlagHandler, type MiddlewareOptions } from './middleware.ts';
export { precompute, type Choices, type Chosen, type PrecomputeOptions, type Precomputed } from './precompute.ts';
export { type VisitorOptions } from './visit.ts';
export { verifyKeys } from './verify-keys.ts';
export { createBootstrap, externalSegments, FlagsError, isFlagsError, renderBootstrap } from '@flags/sync';
export type {
  CreateSegments,
  CreateVerifier,
  ExternalSegmentsOptions,
  FlagDetails,
  FlagsErrorCode,
  KeyProvider,
  Logger,
  LookUpSegments,
  PinOptions,
  RenderOptions,
  SegmentQuestion,
  Source,
  ValuesBootstrap,
} from '@flags/sync';
export type { EvaluationContext, Resolution } from '@flags/core';
