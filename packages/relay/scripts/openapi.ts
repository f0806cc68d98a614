import { createRelay, generateServerKey, memorySource } from '../src/index.ts';

/** The OpenAPI document as a relay with default options serves it. */
export async function readOpenApi(): Promise<unknown> {
  const ruleset = { format: 1 as const, environment: 'docs', epoch: '0', version: 1, flags: {}, segments: {} };
  const relay = await createRelay({ source: memorySource(ruleset), keys: [generateServerKey()], port: 0 });
  try {
    await relay.listen();
    const response = await fetch(`${relay.url}/v1/openapi.json`);
    return await response.json();
  } finally {
    await relay.close();
  }
}
