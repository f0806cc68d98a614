import type { RulesetRef } from '../protocol/message.ts';
import { readReference } from '../protocol/read-reference.ts';
import { LOADING_REFERENCES } from '../machine/load.ts';
import type { ResponseHead, TransportReceiver } from './ports.ts';
import type { Loads } from './link.ts';
import { JSON_TYPE } from './wire.ts';
import { createDecoder } from '../protocol/event-stream.ts';

/** SHA-256 of bytes, as 64 lower-case hexadecimal digits; at once, or later where the platform has only that. */
export type Sha256 = (bytes: Uint8Array) => string | Promise<string>;

/** How a ruleset by reference is fetched: where, whether the key goes along, and what takes the answer. */
interface LoadPlan {
  readonly url: string;
  readonly withKey: boolean;
  /** Gives the ruleset as JSON, or why there is none. */
  receive(onRuleset: (ruleset: unknown) => void, onProblem: (problem: string) => void): TransportReceiver;
}

/** The longest ruleset that is fetched by reference, in bytes. */
export const MAX_LOAD_BYTES: number = 32 * 1024 * 1024;

const ORIGIN = /^https?:\/\/[^/?#]+/i;
// No white space, which readers of URLs skip, and no backslash, which some of them take for a slash.
const ABSOLUTE = /^https?:\/\/[\x21-\x5b\x5d-\x7e]+$/i;
const PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;

/**
 * Lets a client fetch long rulesets by reference, from the origin of its own url or from one of `origins`, such as
 * `https://cdn.example.com`. The key goes to its own origin alone. What comes has to have the length and the SHA-256 that the
 * stream announced.
 */
export function createLoads(sha256: Sha256, origins: readonly string[] = []): Loads {
  const plan = (ref: RulesetRef, serverUrl: string): LoadPlan | string => {
    const own = originOf(serverUrl);
    const url = PATH.test(ref.url) ? own + ref.url : ref.url;
    const origin = originOf(url);
    if (!ABSOLUTE.test(url) || (origin !== own && !origins.some((other) => originOf(other) === origin))) {
      return 'it is of an origin that is not allowed';
    }
    if (ref.bytes > MAX_LOAD_BYTES) return `it is longer than ${MAX_LOAD_BYTES} bytes`;
    return {
      url,
      withKey: origin === own,
      receive: (onRuleset, onProblem) => receive(ref, sha256, onRuleset, onProblem),
    };
  };
  return {
    readFullSync: readReference,
    loading: LOADING_REFERENCES,
    load: ({ request, ref }, serverUrl, { dispatch, open, settle }) => {
      const fail = (problem: string): void => settle({ type: 'ended', request, problem });
      const planned = plan(ref, serverUrl);
      if (typeof planned === 'string') return fail(planned);
      const receiver = planned.receive((ruleset) => settle({ type: 'loaded', request, ruleset }), fail);
      const response = (head: ResponseHead): void => dispatch({ type: 'response', request, ...head });
      const wanted = { url: planned.url, headers: { accept: JSON_TYPE } };
      const refreshKey = planned.withKey ? false : undefined;
      return open({ request, refreshKey }, () => wanted, { ...receiver, response });
    },
  };
}

function receive(
  ref: RulesetRef,
  sha256: Sha256,
  onRuleset: (ruleset: unknown) => void,
  onProblem: (problem: string) => void,
): TransportReceiver {
  let body: Uint8Array | undefined;
  let length = 0;
  const check = async (bytes: Uint8Array): Promise<unknown> => {
    if ((await sha256(bytes)) !== ref.sha256) throw new TypeError('another digest');
    return JSON.parse(createDecoder().decode(bytes));
  };
  return {
    response: () => {},
    bytes: (chunk) => {
      length += chunk.length;
      if (length > ref.bytes) return;
      body ??= new Uint8Array(ref.bytes);
      body.set(chunk, length - chunk.length);
    },
    end: (problem) => {
      if (problem !== undefined) return onProblem(problem);
      if (body === undefined || length !== ref.bytes) return onProblem('it has another length');
      check(body).then(onRuleset, () => onProblem('it has another digest, or is no JSON'));
      return undefined;
    },
  };
}

function originOf(url: string): string | undefined {
  return ORIGIN.exec(url)?.[0].toLowerCase();
}
