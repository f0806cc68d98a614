export { createTestFlags, type TestClient, type TestFlags, type TestValues } from './test-flags.ts';
export { TestFlagProvider, type TestFlagProviderProps } from './test-flag-provider.tsx';
export type { MemoryContextClient, MemoryValues } from '@flags/sync/testing';
