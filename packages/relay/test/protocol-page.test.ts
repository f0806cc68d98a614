import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@flags/config';
import type { Json, Ruleset, Seal } from '@flags/core';
import { xxh32 } from '@flags/core';
import type { MachineEvent, MachineState, Message, MessageType, Policy } from '@flags/sync';
import {
  createEventStream,
  createRules,
  DEFAULT_POLICY,
  entryHash,
  INITIAL_STATE,
  keyIdOf,
  parseMessage,
  readingShare,
  sealText,
  step,
  updateRoot,
} from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../src/index.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/protocol.md'), 'utf8');
const SOURCES = join(import.meta.dirname, '../src');

/** The blocks of a language, each with the line break at its end. */
const blocks = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
/** The rows of the table whose head starts with this word, as cells. */
const rows = (head: string): string[][] =>
  (PAGE.split(new RegExp(`^\\| ${head} +\\|`, 'm'))[1]?.split('\n\n', 1)[0] ?? '')
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
/** What stands in backticks. */
const words = (text = ''): string[] => Array.from(text.matchAll(/`([^`]+)`/g), ([, word = '']) => word);
/** A text with what differs from stream to stream as it is on the page. */
const asOnPage = (text: string): string =>
  text.replaceAll(/"time":\d+/g, '"time":1768471200000').replaceAll(/"stream":"[^"]+"/g, '"stream":"zW1tkxYnZPYcvnCy"');

function read(text: string): Message[] {
  const messages: Message[] = [];
  const stream = createEventStream((parsed) => {
    if (parsed.kind !== 'message') throw new Error(`no message: ${JSON.stringify(parsed)}`);
    messages.push(parsed.message);
  });
  stream.push(Buffer.from(`${text}\n`));
  return messages;
}

const [rulesExample = '', valuesExample = ''] = blocks('sse');
const messages = read(rulesExample);
const of = <Type extends MessageType>(type: Type): Extract<Message, { type: Type }> => {
  const found = messages.find((message) => message.type === type);
  if (found === undefined) throw new Error(`no example of ${type}`);
  return found as Extract<Message, { type: Type }>;
};
const ruleset = (of('FULL_SYNC') as { readonly ruleset: unknown }).ruleset as Ruleset;
const entries = [
  ...Object.values(ruleset.flags).map((entry) => ['flag', entry] as const),
  ...Object.values(ruleset.segments).map((entry) => ['segment', entry] as const),
];

/** What is said on a stream of the example's flags, through its changes and to the end of the relay. */
async function listen(path: string, key: string, body?: string): Promise<string[]> {
  const source = memorySource(ruleset);
  const { relay } = await start({ source, acks: true });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(relay.url + path, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (said: string): Promise<void> => {
    while (!text.includes(said)) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) throw new Error(`the stream ended before ${said}`);
      text += piece.value;
    }
  };
  await until('"intervalMs"');
  const { segments, position } = of('SEGMENT_UPDATE');
  source.apply({ version: position.version, segments });
  await until(`.${position.version}.`);
  const { flags, position: next } = of('FLAG_UPDATE');
  source.apply({ version: next.version, flags });
  if (key === KEY) await until(`.${next.version}.`);
  await Promise.all([relay.close(), until('"retry":true}\n\n')]);
  const isShown = (block: string): boolean => !block.includes('HEARTBEAT') || block.includes('"stream"');
  return asOnPage(text).trimEnd().split('\n\n').filter(isShown);
}

describe('the page of the protocol', () => {
  it('is short', () => {
    expect(PAGE.trimEnd().split('\n').length).toBeLessThanOrEqual(210);
  });

  it('shows the rules that a relay sends, byte for byte', async () => {
    expect(await listen('/v1/stream', KEY)).toEqual(rulesExample.trimEnd().split('\n\n'));
  });

  it('shows the values that a relay sends, byte for byte', async () => {
    const body = /`(\{"context".*?\})`/.exec(PAGE)?.[1];
    const [all = '', changed] = await listen('/v1/client/stream', CLIENT_KEY, body).then((said) =>
      said.filter((block) => block.startsWith('event: VALUES')),
    );
    expect(read(`${all}\n`)).toMatchObject([{ values: { 'new-checkout': { value: false } } }]);
    expect(changed).toBe(valuesExample.trimEnd());
  });

  it('names every event that clients know, and what each holds', () => {
    const names: Readonly<Record<MessageType, true>> = {
      FULL_SYNC: true,
      FLAG_UPDATE: true,
      SEGMENT_UPDATE: true,
      VALUES: true,
      HEARTBEAT: true,
      GOODBYE: true,
    };
    const told = new Map(rows('event').map(([name = '', members]) => [words(name)[0] ?? '', words(members)]));
    expect([...told.keys()]).toEqual(Object.keys(names));
    for (const name of told.keys()) expect(parseMessage(name, '{}').kind).not.toBe('unknown');
    for (const message of [...messages, ...read(valuesExample)]) {
      const { type, ...members } = message;
      expect(told.get(type)).toEqual(expect.arrayContaining(Object.keys(members)));
    }
  });

  it('names requests as they are', () => {
    const openApi = readFileSync(join(SOURCES, '../docs/openapi.json'), 'utf8');
    const { paths } = JSON.parse(openApi) as { readonly paths: Readonly<Record<string, object>> };
    const told = rows('request').map(([request]) => words(request)[0]?.replace(/\?.*/, '').split(' ') ?? []);
    expect(told).toHaveLength(7);
    for (const [method = '', path = ''] of told) expect(Object.keys(paths[path] ?? {})).toContain(method.toLowerCase());
  });

  it('computes hashes as they are', () => {
    const table = rows('of the examples above').map(([what, hash]) => [words(what)[0] ?? '', words(hash)[0]] as const);
    const hex = (hash: number): string => (hash >>> 0).toString(16).padStart(8, '0');
    const ofEntries = entries.map(
      ([kind, { key, version, digest }]) => [`${kind}/${key}@${version}#${digest}`, kind, key] as const,
    );
    const shares = entries.map(([kind, entry]) => entryHash(kind, entry.key, entry));
    const { hash } = of('FULL_SYNC').position;
    expect(hex(shares.reduce((sum, share) => sum + share, 0))).toBe(hash);
    const reading = table.at(-1)?.[0] ?? '';
    const [key = ''] = reading.split('=', 1);
    const value = JSON.parse(reading.slice(key.length + 1)) as Parameters<typeof readingShare>[1];
    const [values] = read(valuesExample);
    expect(values).toMatchObject({ position: { hash: hex(readingShare(key, value)) }, values: { [key]: value } });
    expect(table).toEqual([
      ...ofEntries.map(([text], index) => [text, hex(shares[index] ?? 0)]),
      [`${ruleset.epoch}.${ruleset.version}.${hash}`, hash],
      [reading, hex(xxh32(reading))],
    ]);
    for (const [, entry] of entries) expect(digestOf(entry)).toBe(entry.digest);
  });

  it('shows a seal that holds', () => {
    const [json = '', text = ''] = blocks('text');
    const seal = JSON.parse(json) as Seal;
    const { environment, epoch, version } = ruleset;
    expect(`${sealText({ ...seal, environment, epoch })}\n`).toBe(text);
    const ofClients = entries.filter(([, { client }]) => client === true);
    const sha256 = (what: string): string => createHash('sha256').update(what).digest('hex');
    const changes = ofClients.map(([kind, { key, digest }]) => [kind, key, digest] as const);
    expect(updateRoot(undefined, changes, sha256)).toMatchObject({ root: seal.root });
    const x = /by the public key `([^`]+)`/.exec(PAGE)?.[1] ?? '';
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, Buffer.from(text.trimEnd()), key, Buffer.from(seal.signature, 'base64url'))).toBe(true);
    expect([seal.version, seal.keyId, seal.view]).toEqual([version, keyIdOf(x), 'client']);
  });

  it('lists every refusal with its status', () => {
    const told = new Set(
      rows('status').flatMap(([status = '', codes]) =>
        words(codes)
          .filter((word) => /^[A-Z_]+$/.test(word))
          .map((code) => `${status} ${code}`),
      ),
    );
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const code = files.map((name) => readFileSync(join(SOURCES, name), 'utf8')).join('\n');
    const known = [
      ...code.matchAll(/replyError\(reply, (\d+), '([A-Z_]+)'/g),
      ...code.matchAll(/status: (\d+), code: '([A-Z_]+)'/g),
      ...code.matchAll(/\[(\d+), '([A-Z_]+)'/g),
    ].map(([, status = '', name = '']) => [status, name] as const);
    expect(known.length).toBeGreaterThan(20);
    const isTold = (status: string, name: string): boolean =>
      [...told].some((one) => one.split(/[ ,]+/).includes(status) && one.endsWith(` ${name}`));
    expect(known.filter(([status, name]) => !isTold(status, name))).toEqual([]);
    expect([...told].filter((one) => !code.includes(`'${one.split(' ').at(-1)}'`))).toEqual([]);
  });
});

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1_000, min: 60_000, h: 3_600_000, MiB: 1_048_576 };

/** `5 s`, `150 to 300 s`, `2.5`, `1 MiB` as the policy has it. */
function amount(text: string): number | readonly [number, number] {
  const [, low, high, unit = ''] = /^([\d.]+)(?: to ([\d.]+))?(?: (\w+))?$/.exec(text) ?? [];
  const scale = UNITS[unit] ?? Number.NaN;
  return high === undefined ? Number(low) * scale : [Number(low) * scale, Number(high) * scale];
}

describe('what the page says a client does', () => {
  it('names every constant of the machine, with its value', () => {
    const told = rows('constants').flatMap(([names, values = '']) => {
      const amounts = values.split(', ').map(amount);
      expect(amounts).toHaveLength(words(names).length);
      return words(names).map((name, index) => [name, amounts[index]] as const);
    });
    const { mode: _mode, canRefreshKey: _can, describe: _describe, ...numbers } = DEFAULT_POLICY;
    expect(Object.fromEntries(told)).toEqual(numbers);
  });

  /** Where an answer to the first request leads, with this chance. */
  function follow(random: number, ...events: MachineEvent[]): MachineState {
    const stamp = { at: 0, now: 0, random };
    const rules = createRules();
    let state: MachineState = INITIAL_STATE;
    for (const event of [{ type: 'start' } as const, ...events]) {
      ({ state } = step(state, { ...event, ...stamp }, DEFAULT_POLICY, rules));
    }
    return state;
  }

  const response = (status: number, contentType?: string): MachineEvent => ({
    type: 'response',
    request: 1,
    status,
    contentType,
  });
  const OK = response(200, 'text/event-stream');
  const badFormat: Json = { ...(ruleset as unknown as Record<string, Json>), format: 2 };
  const SPECIAL: Readonly<Record<string, readonly MachineEvent[]>> = {
    'none, or the stream ended': [{ type: 'ended', request: 1 }],
    '200 with another content type': [response(200, 'text/html')],
    '200, and an event that cannot be read': [OK, { type: 'malformed', request: 1, problem: 'x' }],
    '200, and a ruleset whose `format` is not 1': [
      OK,
      {
        type: 'message',
        request: 1,
        message: { ...of('FULL_SYNC'), ruleset: badFormat } as Message,
      },
    ],
  };

  it.each(rows('answer'))('after %s: %s, %s', (answer, reason, next) => {
    const cases =
      SPECIAL[answer] === undefined ? answer.split(', ').map((one) => [response(Number(one))]) : [SPECIAL[answer]];
    const [first = ''] = next.split(/[;,]/);
    const named = DEFAULT_POLICY[words(first)[0] as keyof Policy] ?? [0, DEFAULT_POLICY.backoffBase];
    expect(first === 'backoff' || words(first).length === 1).toBe(true);
    for (const events of cases) {
      const [soonest, latest] = [follow(0, ...events), follow(1, ...events)];
      expect(soonest.problem?.code).toBe(words(reason)[0]);
      expect([soonest.retryAt, latest.retryAt]).toEqual(named);
      expect(soonest.polling).toBe(next.includes('and polls'));
    }
  });
});
