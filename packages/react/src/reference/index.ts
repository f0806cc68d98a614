'use client';

// What server components get instead of `index.ts`, by the condition `react-server`: everything of it as references. The directive stands
// here alone, since bundlers that know nothing of it warn of it in what they bundle.
export {
  Flag,
  FlagProvider,
  FlagsReady,
  useClientLayer,
  useFlag,
  useFlagClient,
  useFlagDetails,
  useFlags,
  useFlagsReady,
  useFlagStatus,
  useSetContext,
  useTrack,
} from '@flags/react';
