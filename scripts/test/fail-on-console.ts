import { format } from 'node:util';
import { afterAll, afterEach, expect } from 'vitest';

// Libraries log nothing by default, and a test run is quiet: whatever reaches the console fails the test that caused it.
const methods = ['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'] as const;
const written: string[] = [];

for (const method of methods) {
  console[method] = (...values: unknown[]): void => {
    written.push(`console.${method}: ${format(...values)}`);
  };
}

function expectSilence(): void {
  expect(written.splice(0), 'Nothing may be written to the console').toEqual([]);
}

afterEach(expectSilence);
afterAll(expectSilence);
