export { Flag, type FlagMatch, type FlagProps } from './flag.tsx';
export { FlagProvider, type FlagProviderProps } from './provider.tsx';
export { FlagsReady, useFlagsReady, type FlagsReadyOptions, type FlagsReadyProps } from './flags-ready.tsx';
export type { ClientLayer } from './source.ts';
export {
  useClientLayer,
  useFlagClient,
  useFlagStatus,
  useSetContext,
  useTrack,
  type FlagStatus,
} from './use-client.ts';
export { useFlag, useFlagDetails, type UseFlagOptions } from './use-flag.ts';
export { useFlags, type FlagDefaults } from './use-flags.ts';
export type { ContextClient, FlagDetails, FlagKey, FlagValue, Ready, ValuesBootstrap } from '@flags/sync';
export type { EvaluationContext, Resolution } from '@flags/core';
