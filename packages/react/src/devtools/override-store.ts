import { isValuesBootstrap, readOverlay } from '@flags/sync';
import type { Overlay } from '@flags/sync';

/** Keeps overrides for the next time the page is loaded. */
export interface OverrideStore {
  /** What was kept; empty when there is nothing, or nothing of use. Never throws. */
  readonly read: () => Overlay;
  /** Keeps these instead. Where there is no storage, or no room, they last as long as the page. */
  readonly write: (overrides: Overlay) => void;
}

/** Keeps overrides in `localStorage` under one name, in the form of a bootstrap: what reads those reads these. */
export function createOverrideStore(name: string): OverrideStore {
  return {
    read: () => {
      try {
        const kept: unknown = JSON.parse(localStorage.getItem(name) ?? '');
        if (isValuesBootstrap(kept)) return readOverlay(kept);
      } catch {
        // Denied, empty, or written by somebody else.
      }
      return new Map();
    },
    write: (overrides) => {
      try {
        if (overrides.size === 0) return localStorage.removeItem(name);
        const flags = Array.from(overrides, ([key, { value, variation, variant }]) => [
          key,
          { value, variation, variant },
        ]);
        localStorage.setItem(name, JSON.stringify({ flags: Object.fromEntries(flags) }));
      } catch {
        // Denied or full.
      }
    },
  };
}
