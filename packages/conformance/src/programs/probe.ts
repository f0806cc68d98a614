/** What a runtime was found to have, by name. */
export type Found = Readonly<Record<string, boolean>>;

// The smallest module there is.
const MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

const hasGlobal = (name: string) => (): boolean => (globalThis as Record<string, unknown>)[name] !== undefined;

/** What is looked for: what platforms differ in, and code may be tempted to use. */
const PROBES: Readonly<Record<string, () => unknown>> = {
  EventSource: hasGlobal('EventSource'),
  WebSocket: hasGlobal('WebSocket'),
  BroadcastChannel: hasGlobal('BroadcastChannel'),
  'navigator.locks': () => globalThis.navigator?.locks !== undefined,
  Ed25519: async () => {
    const key = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) };
    await crypto.subtle.importKey('jwk', key, 'Ed25519', false, ['verify']);
    return true;
  },
  'WebAssembly from bytes': () => new WebAssembly.Module(Uint8Array.from(MODULE)) instanceof WebAssembly.Module,
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- to see whether it may be done
  'code from text': () => new Function('return true')() as boolean,
};

/** Looks for what the runtime has. */
export async function probe(): Promise<Found> {
  const found: Record<string, boolean> = {};
  for (const [name, look] of Object.entries(PROBES)) {
    try {
      found[name] = (await look()) === true;
    } catch {
      found[name] = false;
    }
  }
  return found;
}
