/** Takes what a relay does, line by line. A pino logger is one. Keys and evaluation contexts are never among the facts. */
export interface RelayLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Logs nothing. */
export const SILENT: RelayLog = { info: () => {}, warn: () => {}, error: () => {} };
