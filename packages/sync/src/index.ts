export { describeProblem } from './client/describe-problem.ts';
export { readBootstrap } from './client/bootstrap.ts';
export { createFlagClient, type FlagClient } from './client/client.ts';
export { createContextClient, type ContextClient, type ContextClientOptions } from './client/context-client.ts';
export type { FlagDefault, FlagDetails, FlagKey, FlagReader, FlagValue } from './client/flag-types.ts';
export { FlagsError, isFlagsError, type FlagsErrorCode } from './client/flags-error.ts';
export type { ClientEvent, Listener } from './client/listeners.ts';
export { parseOptions, type CheckedOptions, type ClientOptions, type KeyProvider } from './client/options.ts';
export {
  externalSegments,
  type CreateSegments,
  type ExternalSegmentsOptions,
  type ResolveOptions,
  type Segments,
} from './client/external-segments.ts';
export type {
  LookUpSegments,
  LookupOutcome,
  SegmentQuestion,
  SegmentsFrom,
  SegmentsObserver,
} from './client/segment-lookups.ts';
export { originalOf, UNRESOLVED_SEGMENTS, withoutSegments } from './client/prepared-context.ts';
export { createExposures, type CreateExposures, type Exposures, type ExposureSettings } from './client/exposures.ts';
export { guardLogger } from './client/guard-logger.ts';
export { createKeySource, type KeySource } from './client/key-source.ts';
export type { Asked, Link, Loads } from './client/link.ts';
export { createLoads, MAX_LOAD_BYTES, type Sha256 } from './client/load.ts';
export type { Parts } from './client/parts.ts';
export { createPollBody, type PollBody } from './client/poll-body.ts';
export type {
  Clock,
  Connection,
  Logger,
  Ports,
  Random,
  ResponseHead,
  Store,
  Transport,
  TransportReceiver,
  TransportRequest,
} from './client/ports.ts';
export { createSyncReplica, type Replica, type ReplicaOptions } from './client/replica.ts';
export type { Ready, ReadyOptions } from './client/ready.ts';
export {
  createBootstrap,
  renderBootstrap,
  scriptLiteral,
  type BootstrapOptions,
  type RenderOptions,
} from './client/render-bootstrap.ts';
export {
  createValuesCache,
  type CreateValuesCache,
  type TextPlace,
  type ValuesCache,
  type ValuesCacheSettings,
} from './client/values-cache.ts';
export {
  createValuesClient,
  type ValuesClient,
  type ValuesClientOptions,
  type ValuesParts,
} from './client/values-client.ts';
export type { SignContext } from './client/subject.ts';
export { createRulesPoll, createRulesWire, type Wire } from './client/wire.ts';
export { readingShare } from './protocol/reading-share.ts';
export { createRuntime, type Runtime, type RuntimeSettings } from './client/runtime.ts';
export { formatSnapshot, parseSnapshot, rulesetJsonOf, type SumOf } from './client/snapshot.ts';
export { createSnapshots, type CreateSnapshots, type Snapshots, type SnapshotSettings } from './client/snapshots.ts';
export {
  fingerprintOf,
  isValuesBootstrap,
  readOverlay,
  resolveOverlay,
  type BootstrapValue,
  type Overlay,
  type ValuesBootstrap,
} from './client/values-bootstrap.ts';
export { createTimeWatch, type CreateTimeWatch, type TimeWatch } from './client/time-watch.ts';
export { isProblem, type Content, type News } from './machine/content.ts';
export { parseRetryAfter } from './machine/backoff.ts';
export type { Effect } from './machine/effect.ts';
export type { MachineEvent, Stamp, StampedEvent } from './machine/event.ts';
export { DEFAULT_POLICY, type Policy, type Range, type SyncMode } from './machine/policy.ts';
export {
  INITIAL_STATE,
  type LoadState,
  type MachineState,
  type OlderServer,
  type Problem,
  type ProblemCode,
  type Resync,
  type Source,
  type StreamState,
} from './machine/state.ts';
export { statusOf, type ClientPhase, type ClientStatus } from './machine/status.ts';
export { createRules } from './machine/rules.ts';
export { holdValues, VALUES, type HeldValues } from './machine/values.ts';
export { step, type Step } from './machine/step.ts';
export { canonicalize } from './protocol/canonical.ts';
export {
  acceptsFullSync,
  applyDelta,
  holdRuleset,
  judgeDelta,
  type DeltaVerdict,
  type HeldState,
} from './protocol/change.ts';
export { adoptPosition, type Held } from './protocol/held.ts';
export { createEventStream, MAX_MESSAGE_LENGTH, type EventStream } from './protocol/event-stream.ts';
export {
  EVENT_LIMITS,
  parseEventBatch,
  type EventBatch,
  type Exposure,
  type Summary,
  type TrackedEvent,
} from './protocol/events.ts';
export {
  formatEnvelope,
  formatMessage,
  messageData,
  type Change,
  type ContentMessage,
  type Delta,
  type FlagReading,
  type FlagUpdate,
  type FullSync,
  type FullSyncRef,
  type Goodbye,
  type Heartbeat,
  type Message,
  type MessageType,
  type RulesetRef,
  type SegmentUpdate,
  type Values,
} from './protocol/message.ts';
export { parseEnvelope, parseMessage } from './protocol/parse-message.ts';
export type { ParsedMessage } from './protocol/reader.ts';
export type { Later } from './protocol/later.ts';
export { updateRoot, type DigestChange, type HashText, type RootBucket, type RootTree } from './protocol/root.ts';
export { parseSeals, sealText, type SealedState } from './protocol/seal.ts';
export { createVerifier, type Candidate, type Pins, type Verifier } from './client/verify.ts';
export { keyIdOf, parsePublicKey, pinKeys, type CreateVerifier, type PinOptions } from './client/pinned-keys.ts';
export { pinWebKeys, type WebCrypto } from './client/web-keys.ts';
export type { Loading, MachineParts, Verification } from './machine/turn.ts';
export { switchTo } from './machine/switch.ts';
export { LOADING_REFERENCES } from './machine/load.ts';
export {
  comparePositions,
  formatPosition,
  isSamePosition,
  MAX_POSITION_LENGTH,
  parsePosition,
  type Position,
} from './protocol/position.ts';
export {
  addToHash,
  entryHash,
  formatStateHash,
  removeFromHash,
  stateHash,
  type Entries,
  type EntryKind,
} from './protocol/state-hash.ts';
