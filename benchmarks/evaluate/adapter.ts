import type { Environment, User, Value } from './neutral.ts';

/** What an adapter makes of flags: reads in the SDK's own way. Answers are promises where the SDK's are. */
export interface Engine<Context = unknown, All = unknown> {
  /** The SDK's context for a user. */
  context(user: User): Context;
  boolean(key: string, context: Context): boolean | Promise<boolean>;
  text(key: string, context: Context): string | Promise<string>;
  /** Every flag for one user, by the SDK's call for it, or by a read of each where it has none. */
  all(context: Context): All | Promise<All>;
  /** One flag's value from what `all` gave. */
  pick(all: All, key: string): Value;
  /** Takes a new payload in place of the last one, if the SDK can: of everything, or of one flag where `update.whole` is false. */
  update?(text: string): void | Promise<void>;
  close?(): void;
}

/** One SDK, or what stands beside them. */
export interface Adapter<Context = unknown, All = unknown> {
  readonly name: string;
  /** The package whose version is told; none for what is written by hand. */
  readonly package: string | undefined;
  /** `ours`, an SDK of others, or what a read could cost at best. */
  readonly role: 'ours' | 'peer' | 'ceiling';
  /** Its reads give promises, which are awaited. */
  readonly isAsync?: true;
  /** Workloads that it cannot express, and why. */
  readonly cannot?: Readonly<Record<string, string>>;
  /** The flags in the SDK's own format, as text that a server would send. */
  payload(environment: Environment): string;
  /** Makes the SDK ready to read from such a text: no network, no timer that outlives `close`. */
  load(text: string): Engine<Context, All> | Promise<Engine<Context, All>>;
  /** Of what `update` takes: a whole payload, or a delta for one flag of it. */
  change?(environment: Environment, key: string): string;
}
