import { compileRuleset } from '@flags/core';
import { DEFAULT_POLICY } from '../machine/policy.ts';
import type { Policy } from '../machine/policy.ts';
import { createRules } from '../machine/rules.ts';
import type { ClientStatus } from '../machine/status.ts';
import type { HeldState } from '../protocol/change.ts';
import { holdRuleset } from '../protocol/change.ts';
import { createDecoder, MAX_MESSAGE_LENGTH } from '../protocol/event-stream.ts';
import type { Position } from '../protocol/position.ts';
import { createKeySource } from './key-source.ts';
import { parseOptions } from './options.ts';
import type { KeyProvider } from './options.ts';
import type { Parts } from './parts.ts';
import type { Connection, Ports } from './ports.ts';
import { createRuntime } from './runtime.ts';
import type { Verifier } from './verify.ts';
import { createRulesWire } from './wire.ts';

/** What a replica follows, and whom it tells. */
export interface ReplicaOptions {
  /** Where the relay is, with its prefix if it has one. */
  readonly url: string;
  readonly key: string | KeyProvider;
  /** What to start from: a ruleset as JSON, and where it stands. */
  readonly held?: { readonly ruleset: unknown; readonly position: Position };
  /** Checks what comes, and what to start from, against pinned keys. */
  readonly verifier?: Verifier;
  /** Called with each new state. What did not change since the last one is the same object; only the position may be new. */
  readonly onState: (held: HeldState) => void;
  readonly onStatus: (status: ClientStatus) => void;
}

/** A state that is kept equal to a relay's. For those who pass rules on; a client is for those who read them. */
export interface Replica {
  /** Somebody knows of a newer state: asks anew. */
  refresh(): void;
  /** The body of a GET below the url, with the key; `undefined` when it was not answered with 200 and JSON within 10 s. */
  get(path: string): Promise<string | undefined>;
  /** Ends all traffic. */
  close(): void;
}

const GET_TIMEOUT = 10_000;

/**
 * Creates a replica over a platform's ports and starts it. What it starts from is not reported.
 *
 * @param policy Numbers that differ from the protocol's, and `describe: describeProblem` for problems that say what to do.
 * @throws {FlagsError} `INVALID_OPTION`
 */
export function createSyncReplica(
  options: ReplicaOptions,
  ports: Ports & Pick<Parts, 'loads'>,
  policy: Partial<Policy> = {},
): Replica {
  const { verifier } = options;
  const { url, key, logger } = parseOptions({ url: options.url, key: options.key });
  const keys = createKeySource(key);
  const verification = verifier?.verification;
  const runtime = createRuntime(
    {
      url,
      keys,
      logger,
      loads: ports.loads,
      wire: createRulesWire(url, ports.loads),
      content: createRules(),
      verifier,
      parts: { verification, loading: ports.loads?.loading ?? verification?.loading },
      policy: { ...DEFAULT_POLICY, ...policy, canRefreshKey: typeof key === 'function' },
      onEffect: (effect) => {
        if (effect.type === 'changed' && effect.after !== start) options.onState(effect.after);
        if (effect.type === 'moved') options.onState(effect.held);
        if (effect.type === 'status') options.onStatus(effect.status);
      },
    },
    ports,
  );
  const { held } = options;
  const restored = held && holdRuleset(compileRuleset(held.ruleset), held.position);
  let start: HeldState | undefined;
  const begin = (admitted: HeldState | undefined): void => {
    start = admitted;
    runtime.dispatch({ type: 'start', ...(start && { held: start, source: 'cache' }) });
  };
  if (verifier === undefined) begin(restored);
  else void verifier.admit({ cache: restored }, logger, (_bootstrap, admitted) => begin(admitted));

  let isClosed = false;
  const open = new Set<() => void>();
  const get = (path: string): Promise<string | undefined> =>
    new Promise((resolve) => {
      if (isClosed) return resolve(undefined);
      const decoder = createDecoder();
      let connection: Connection | undefined;
      let text = '';
      const finish = (answer?: string): void => {
        cancel();
        open.delete(finish);
        connection?.close();
        resolve(answer);
      };
      const cancel = ports.clock.after(GET_TIMEOUT, finish);
      open.add(finish);
      const send = (secret: string): void => {
        if (!open.has(finish)) return;
        const headers = { authorization: `Bearer ${secret}`, accept: 'application/json' };
        connection = ports.transport.open(
          { url: url + path, headers },
          {
            response: ({ status, contentType }) => {
              if (status !== 200 || contentType?.startsWith('application/json') !== true) finish();
            },
            bytes: (chunk) => {
              text += decoder.decode(chunk, { stream: true });
              if (text.length > MAX_MESSAGE_LENGTH) finish();
            },
            end: (problem) => finish(problem === undefined ? text + decoder.decode() : undefined),
          },
        );
        if (!open.has(finish)) connection.close();
      };
      keys.get(false, send, () => finish());
    });

  return {
    refresh: () => runtime.dispatch({ type: 'refresh' }),
    get,
    close: () => {
      isClosed = true;
      runtime.dispatch({ type: 'close' });
      for (const finish of open) finish();
    },
  };
}
