import type { LookUpSegments } from '@flags/sync';

/** Who is asked about external segments. */
export interface HttpLookupOptions {
  /** Where questions are posted. */
  readonly url: string;
  /** Sent along as a bearer token; nothing is when absent. */
  readonly secret?: string | undefined;
  /** The longest that a question waits for its turn and its answer, in milliseconds; 500 when absent. */
  readonly timeoutMs?: number | undefined;
}

/** Questions under way at once; anybody with a client key can ask about as many units as its limits let them. */
const MOST_AT_ONCE = 64;
const MAX_ANSWER_BYTES = 65_536;

/**
 * Asks an address who is in external segments: it is posted `{ unit, by, segments }` as JSON, and answers 200 and `{ segments }` with
 * the keys that hold. It throws errors whose `code` says what was wrong and quotes nothing.
 */
export function httpLookup({ url, secret, timeoutMs = 500 }: HttpLookupOptions): LookUpSegments {
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
  };
  const waiting: (() => void)[] = [];
  let free = MOST_AT_ONCE;

  async function post(body: string, signal: AbortSignal): Promise<readonly string[]> {
    // A redirect would carry the question, and with it a person, to wherever it says.
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw failure(`HTTP_${response.status}`);
    }
    return readAnswer(await readBounded(response));
  }

  return async ({ unit, by, segments }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      // One that nobody waits for any more is not sent.
      return await post(JSON.stringify({ unit, by, segments }), signal);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

async function readBounded({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw failure('ANSWER_TOO_LONG');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function readAnswer(text: string): readonly string[] {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw failure('NO_JSON');
  }
  const { segments } = (typeof answer === 'object' && answer !== null ? answer : {}) as { readonly segments?: unknown };
  if (!Array.isArray(segments)) throw failure('NO_SEGMENTS');
  return segments as readonly string[];
}

function failure(code: string): Error {
  return Object.assign(new Error(`The lookup of external segments failed: ${code}.`), { code });
}
