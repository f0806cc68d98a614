'use client';

// The panel's; see `../index.ts`.
export { FlagDevtools } from '@flags/react/devtools';
