/**
 * What the page brought along: `window.__FLAG_BOOTSTRAP__`, or the JSON in the element with this id. `undefined` when there is
 * nothing of the kind, or it is no JSON.
 */
export function readPageBootstrap(id?: string): unknown {
  if (id === undefined) return (globalThis as Readonly<Record<string, unknown>>)['__FLAG_BOOTSTRAP__'];
  try {
    return JSON.parse(globalThis.document?.getElementById(id)?.textContent ?? '') as unknown;
  } catch {
    return undefined;
  }
}
