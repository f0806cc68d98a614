import type { ContentMessage, KeySource, Ports, Position } from '@flags/sync';
import { createPollBody, createRulesPoll, formatPosition, parsePosition, parseRetryAfter } from '@flags/sync';

/** What a relay said: flags; that there is nothing newer than what it was told of, and where it stands; or nothing of use. */
export type OriginAnswer =
  | { readonly kind: 'content'; readonly message: ContentMessage }
  | { readonly kind: 'same'; readonly position: Position | undefined }
  | { readonly kind: 'failed'; readonly problem: string; readonly retryAfterMs?: number | undefined };

/** The last tier: asks for what came after a position, or for everything. Never rejects. */
export type AskOrigin = (held: Position | undefined) => Promise<OriginAnswer>;

/** What asking takes. */
export interface OriginSettings {
  readonly url: string;
  readonly keys: KeySource;
  readonly timeoutMs: number;
}

/** Asks `GET /v1/snapshot` of a relay. A key that is refused is asked for again, once. */
export function createOrigin(
  { url, keys, timeoutMs }: OriginSettings,
  ports: Pick<Ports, 'transport' | 'clock'>,
): AskOrigin {
  const wire = createRulesPoll(url);
  const ask = (held: Position | undefined, refreshKey: boolean): Promise<OriginAnswer & { refused?: boolean }> =>
    new Promise((resolve) => {
      const body = createPollBody(wire.readPoll);
      let status = 0;
      const finish = (answer: OriginAnswer & { refused?: boolean }): void => {
        cancel();
        close?.();
        resolve(answer);
      };
      const fail = (problem: string): void => finish({ kind: 'failed', problem });
      let close: (() => void) | undefined;
      const cancel = ports.clock.after(timeoutMs, () => fail('no answer in time'));
      const send = (key: string): void => {
        const request = wire.poll(held && formatPosition(held));
        const headers = { ...request.headers, authorization: `Bearer ${key}` };
        const opened = ports.transport.open(
          { ...request, headers },
          {
            response: ({ status: code, retryAfter, etag }) => {
              status = code;
              if (code === 304)
                return finish({ kind: 'same', position: parsePosition(/"([^"]*)"/.exec(etag ?? '')?.[1]) });
              if (code === 200) return undefined;
              const retryAfterMs = parseRetryAfter(retryAfter, ports.clock.now());
              return finish({
                kind: 'failed',
                problem: `status ${code}`,
                retryAfterMs,
                refused: code === 401 || code === 403,
              });
            },
            bytes: (chunk) => {
              const problem = status === 200 ? body.push(chunk) : undefined;
              if (problem !== undefined) fail(problem);
            },
            end: (problem) => {
              if (problem !== undefined) return fail(problem);
              const parsed = body.end();
              if (parsed.kind !== 'message') return fail(parsed.problem);
              const { message } = parsed;
              if (message.type === 'HEARTBEAT' || message.type === 'GOODBYE') return fail('it holds no flags');
              return finish({ kind: 'content', message });
            },
          },
        );
        close = opened.close;
      };
      keys.get(refreshKey, send, fail);
    });
  return async (held) => {
    const first = await ask(held, false);
    return first.refused ? ask(held, true) : first;
  };
}
