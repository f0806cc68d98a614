import type { Environment, User } from '../evaluate/neutral.ts';

/** A server with flags. */
export interface WireServer {
  readonly port: number;
  change(to: Environment): void;
  close(): Promise<void>;
}

/** An SDK that is connected, or about to be. */
export interface WireClient {
  /** Whether the flag that changes is on for its user; undefined before there are flags. */
  isOn(): boolean | undefined;
  close(): void;
}

/** A server, and the SDK that its users have. */
export interface WirePair {
  readonly name: string;
  serve(environment: Environment): Promise<WireServer>;
  follow(url: string): WireClient;
}

/** The flag that changes: it has the first of its rules at even versions alone. */
export const CHANGED = 'flag-3';
/** Whom that rule is for. */
export const USER: User = {
  key: 'user-1',
  country: 'DE',
  plan: 'free',
  email: 'one@flags.example',
  age: 30,
  version: '1.0.0',
};
