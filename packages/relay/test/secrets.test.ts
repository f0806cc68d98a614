import { describe, expect, it } from 'vitest';
import { jsonLog } from '../src/json-log.ts';
import type { RelayLog } from '../src/index.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

const CANARY = 'canary-7f3a';
const SECRET = `sk_${CANARY}_0123456789`;

describe('what a request carries', () => {
  it.each([
    ['a good key', KEY],
    ['a wrong key', SECRET],
  ])('is in no log, metric or error answer, wherever it stands, with %s', async (_name, key) => {
    const lines: string[] = [];
    const { relay } = await start({
      keys: [KEY, CLIENT_KEY, SECRET.replace('canary', 'other')],
      log: jsonLog({ write: (line) => void lines.push(line) }),
      limits: { failures: false },
      onEvents: () => {
        throw new Error('from a listener');
      },
    });
    const auth = { authorization: `Bearer ${key}` };
    const json = { ...auth, 'content-type': 'application/json' };
    const answers: string[] = [];
    const ask = async (path: string, init: RequestInit = {}): Promise<void> => {
      const abort = new AbortController();
      const response = await fetch(`${relay.url}${path}`, { headers: auth, ...init, signal: abort.signal });
      // Streams never end, and what is found may be what was asked for; neither is an error.
      if (response.status >= 400) answers.push(await response.text());
      abort.abort();
    };
    const post = (path: string, body: unknown, headers: Record<string, string> = json): Promise<void> =>
      ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
    const context = { targetingKey: CANARY, email: CANARY, [CANARY]: { [CANARY]: CANARY } };

    for (const path of ['/v1/stream', '/v1/snapshot', '/v1/history', '/metrics', '/healthz', `/${CANARY}`]) {
      await ask(`${path}?key=${SECRET}&since=${CANARY}&${CANARY}=${CANARY}`, { headers: {} });
      await ask(`${path}?since=${CANARY}`, { headers: { ...auth, 'last-event-id': CANARY, 'if-none-match': CANARY } });
      await ask(path, { headers: { authorization: CANARY, 'x-api-key': CANARY, origin: `https://${CANARY}` } });
      await ask(path, { headers: { 'x-api-key': SECRET, cookie: CANARY, 'user-agent': CANARY } });
    }
    for (const path of ['/v1/evaluate', '/v1/client/stream', '/ofrep/v1/evaluate/flags']) {
      await post(path, { context });
      await post(path, { context: CANARY, [CANARY]: CANARY });
      await post(path, { context: { targetingKey: [CANARY] }, flags: [CANARY] });
      await post(path, `{ "context": ${CANARY}`);
      await post(path, CANARY, { ...auth, 'content-type': `text/${CANARY}` });
    }
    await post(`/ofrep/v1/evaluate/flags/${CANARY}`, { context: { targetingKey: CANARY } });
    await post('/v1/ack', { stream: CANARY, position: CANARY, lagMs: CANARY });
    await post('/v1/events', { [CANARY]: CANARY });
    await post('/v1/events', `[${CANARY}`);
    const metrics = await (await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
    await relay.close();

    expect(answers.length).toBeGreaterThan(10);
    expect(lines.length).toBeGreaterThan(10);
    expect(metrics).toContain('flags_relay_rejects_total');
    // The protocol for one flag has to name it in its answer.
    const others = answers.filter((answer) => !answer.startsWith(`{"key":"${CANARY}"`));
    for (const text of [lines.join(''), metrics, others.join('')]) expect(text).not.toContain(CANARY);
    for (const text of [lines.join(''), metrics, answers.join('')]) expect(text).not.toMatch(new RegExp(`${KEY}|sk_`));
    const facts = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(facts).toContainEqual(
      expect.objectContaining({ method: 'GET', route: '/v1/snapshot', status: 401, code: 'KEY_UNKNOWN', level: 40 }),
    );
  });

  it('is cut out of facts that should not have been logged, and of errors', () => {
    let text = '';
    const log: RelayLog = jsonLog({ write: (line) => void (text += line) });
    const error = Object.assign(new Error('failed'), { body: CANARY, context: { email: CANARY } });
    log.error({ err: error, headers: { authorization: CANARY }, request: { body: CANARY, key: CANARY } }, 'a slip');
    expect(text).toContain('[redacted]');
    expect(text).toContain('"message":"failed"');
    expect(text).not.toContain(CANARY);
  });

  it('fills no disk when all of it is turned away', async () => {
    const lines: object[] = [];
    const line = (facts: object): void => void lines.push(facts);
    const { get } = await start({ log: { info: () => {}, warn: line, error: line } });
    for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 60 }, () => get('/nothing')));
    expect(lines.length).toBeGreaterThanOrEqual(100);
    expect(lines.length).toBeLessThan(250);
  });
});
