import { createHook } from 'node:async_hooks';

/** What a case may leave behind: sockets, servers, processes, watchers; and timers that our own code has set. */
const KINDS: ReadonlySet<string> = new Set([
  'TCPWRAP',
  'TCPSERVERWRAP',
  'PIPEWRAP',
  'PROCESSWRAP',
  'FSEVENTWRAP',
  'STATWATCHER',
  'Timeout',
]);
const OWN_CODE = /\/packages\/\w+\/(?:src|test)\//;

/** Follows the handles that a case makes. */
export interface HandleWatch {
  /** The handles that are still there, each with the place that made it. */
  left(): readonly string[];
  /** What is made from now on is no business of the case. */
  end(): void;
  stop(): void;
}

/**
 * Starts to watch. `process.getActiveResourcesInfo()` would miss what a client leaves: its sockets and timers do not keep the
 * process alive, so they do not count as active there.
 */
export function watchHandles(): HandleWatch {
  let isOver = false;
  const made = new Map<number, { readonly kind: string; readonly at: Error }>();
  const hook = createHook({
    init: (id, kind) => {
      if (!isOver && KINDS.has(kind)) made.set(id, { kind, at: new Error(kind) });
    },
    destroy: (id) => {
      made.delete(id);
    },
  });
  hook.enable();
  return {
    left: () =>
      [...made.values()].flatMap(({ kind, at }) => {
        const place = at.stack?.split('\n').find((line) => OWN_CODE.test(line) && !line.includes('/handles.ts'));
        // Timers of Node itself and of the test runner are theirs to end.
        return kind === 'Timeout' && place === undefined ? [] : [`${kind}${place ?? ' at an unknown place'}`];
      }),
    end: () => {
      isOver = true;
    },
    stop: () => void hook.disable(),
  };
}
