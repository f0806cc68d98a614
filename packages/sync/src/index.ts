export { acceptsFullSync, adoptPosition, applyDelta, holdRuleset, judgeDelta } from './protocol/change.ts';
export type { DeltaVerdict, HeldState } from './protocol/change.ts';
export { formatEnvelope, formatMessage, messageData } from './protocol/message.ts';
export type {
  Delta,
  FlagUpdate,
  FullSync,
  Goodbye,
  Heartbeat,
  Message,
  MessageType,
  SegmentUpdate,
} from './protocol/message.ts';
export { parseEnvelope, parseMessage } from './protocol/parse-message.ts';
export type { ParsedMessage } from './protocol/parse-message.ts';
export {
  comparePositions,
  formatPosition,
  isSamePosition,
  MAX_POSITION_LENGTH,
  parsePosition,
} from './protocol/position.ts';
export type { Position } from './protocol/position.ts';
export { addToHash, entryHash, formatStateHash, removeFromHash, stateHash } from './protocol/state-hash.ts';
export type { EntryKind, Entries } from './protocol/state-hash.ts';
