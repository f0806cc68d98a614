import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { validate } from '@readme/openapi-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { readOpenApi } from '../scripts/openapi.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

interface Operation {
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

const published = readFileSync(resolve(import.meta.dirname, '../docs/openapi.json'), 'utf8');
const document = JSON.parse(published) as Document;

describe('the OpenAPI document', () => {
  it('is what a relay serves; else run scripts/write-openapi.ts, and format what it wrote', async () => {
    expect(await readOpenApi()).toEqual(document);
  });

  it('is valid', async () => {
    expect(await validate(JSON.parse(published) as Parameters<typeof validate>[0])).toMatchObject({ valid: true });
    const broken = published.replace('"in": "header"', '"in": "nowhere"');
    expect(await validate(JSON.parse(broken) as Parameters<typeof validate>[0])).toMatchObject({ valid: false });
  });

  it('says of every route what it is for, what it answers, and what its errors look like', () => {
    const open = new Set(['/healthz', '/readyz', '/v1/openapi.json']);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, { summary, security = [], responses }] of Object.entries(operations)) {
        const name = `${method} ${path}`;
        expect([name, summary], 'add it to src/openapi/operations.ts').toEqual([name, expect.stringMatching(/.{10}/)]);
        expect([name, Object.keys(responses).some((status) => status.startsWith('2'))]).toEqual([name, true]);
        expect([name, security.length > 0]).toEqual([name, !open.has(path)]);
        if (security.length > 0) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '500']));
      }
    }
  });

  it('names no path of this protocol as ad blockers expect of what they block', () => {
    const own = Object.keys(document.paths).filter((path) => path.startsWith('/v1/'));
    expect(own.length).toBeGreaterThan(7);
    expect(own.filter((path) => /flag|track|analytics/i.test(path))).toEqual([]);
  });

  it('is served under the prefix, to anyone', async () => {
    const { relay } = await start({ prefix: '/sync' });
    const response = await fetch(`${relay.url}/sync/v1/openapi.json`);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const { paths } = (await response.json()) as Document;
    expect(Object.keys(paths)).toHaveLength(Object.keys(document.paths).length);
    expect(paths['/sync/v1/evaluate']?.['post']?.summary).toBe(document.paths['/v1/evaluate']?.['post']?.summary);
  });

  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'https://flags.invalid/', components: document.components });
  const context = { targetingKey: 'u' };
  it.each([
    ['get', '/v1/snapshot', 200, {}],
    ['get', '/v1/history', 200, {}],
    ['post', '/v1/evaluate', 200, { context }],
    ['post', '/v1/evaluate', 400, { contxt: {} }],
    ['post', '/v1/client/stream', 400, { context: 7 }],
    ['post', '/v1/events', 400, {}],
    ['post', '/ofrep/v1/evaluate/flags', 200, { context }],
    ['post', '/ofrep/v1/evaluate/flags', 400, { context: 7 }],
    ['post', '/ofrep/v1/evaluate/flags/{key}', 404, { context }],
    ['get', '/v1/stream', 401, {}],
    ['get', '/metrics', 403, {}],
    ['get', '/readyz', 200, {}],
    ['get', '/v1/openapi.json', 200, {}],
  ])('tells the truth about the answer of %s %s with %i', async (method, path, status, body) => {
    const schema = document.paths[path]?.[method]?.responses[String(status)]?.content?.['application/json']?.schema;
    const inPlace = JSON.stringify(schema).replaceAll('"#/components', '"https://flags.invalid/#/components');
    const isValid = ajv.compile(JSON.parse(inPlace) as object);
    const { relay } = await start();
    const key = { 401: 'nobody-knows-this-key', 403: CLIENT_KEY }[status] ?? KEY;
    const response = await fetch(`${relay.url}${path.replace('{key}', 'none')}`, {
      method: method.toUpperCase(),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(method === 'post' ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.status).toBe(status);
    expect([isValid(await response.json()), isValid.errors]).toEqual([true, null]);
  });
});
