import type { Logger } from './ports.ts';

/** A logger that cannot hurt the client: what it throws, at once or later, is dropped, there being nowhere left to report it. */
export function guardLogger(logger: Logger): Logger {
  const guard =
    (level: 'info' | 'warn') =>
    (text: string): void => {
      try {
        ignoreRejection(logger[level](text));
      } catch {
        // The user's logger is broken; the client is not.
      }
    };
  return { info: guard('info'), warn: guard('warn') };
}

// A type that promises nothing also takes functions that are async.
function ignoreRejection(result: unknown): void {
  if (result instanceof Promise) result.catch(() => {});
}
