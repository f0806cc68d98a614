import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/help.ts';
import { keysCommand } from '../src/keys-command.ts';
import { KEY, start } from './start.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md'));
/** The blocks of a language. */
const blocks = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

describe('the pages', () => {
  it('are all reached from the README, which is one page', () => {
    const readme = read('README.md');
    for (const page of pages.slice(1)) expect(readme).toContain(`](${page})`);
    expect(readme.split('\n').length).toBeLessThan(100);
  });

  it.each(pages)('%s writes only options that the command has', (path) => {
    const command = createProgram();
    const known = new Set(command.options.map(({ long }) => long).concat('--help', '--version'));
    for (const sub of keysCommand(() => {}).commands) for (const { long } of sub.options) known.add(long);
    const written = [...read(path).matchAll(/(?<=[\s`])--[a-z][a-z-]*/g)].map(([option]) => option);
    expect(written.filter((option) => !known.has(option))).toEqual([]);
  });

  it('list every metric, and none that is not there', async () => {
    const { get } = await start();
    const text = await (await get('/metrics')).text();
    const metrics = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const rows = read('docs/metrics.md').match(/^\| `.*$/gm) ?? [];
    const listed = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/\w+/g) ?? []);
    expect(new Set(listed)).toEqual(metrics);
    const watched = new Set(pages.flatMap((page) => read(page).match(/flags_relay_\w+/g) ?? []));
    expect([...watched].filter((name) => !metrics.has(name))).toEqual([]);
  });

  it('list every route, and none that is not there', () => {
    const { paths } = JSON.parse(read('docs/openapi.json')) as { readonly paths: Readonly<Record<string, object>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const rows = read('docs/http.md').matchAll(/^\| `([^`?]+)/gm);
    expect(new Set(Array.from(rows, ([, route]) => route))).toEqual(new Set(routes));
  });

  it('ask for values in a way that is answered', async () => {
    const { relay } = await start();
    const [example = ''] = blocks(read('docs/evaluation.md'), 'sh');
    const [, path = '', body = ''] = /http:\/\/127\.0\.0\.1:8080(\S+) \\\n +-d '(.*)'\n/.exec(example) ?? [];
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const response = await fetch(relay.url + path, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ values: { 'new-checkout': { errorCode: 'FLAG_NOT_FOUND' } } });
  });

  it('name every file, or its folder, and none that is not there', () => {
    const [map = ''] = blocks(read('docs/files.md'), '');
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const names = new Set(files.map((path) => path.slice(path.lastIndexOf('/') + 1)));
    const named: string[] = map.match(/[\w-]+\.ts/g) ?? [];
    expect(named.filter((name) => !names.has(name))).toEqual([]);
    const missing = files.filter((path) => {
      const [top = ''] = path.split('/');
      return path.includes('/') ? !map.includes(`${top}/`) : path.endsWith('.ts') && !named.includes(path);
    });
    expect(missing).toEqual([]);
  });
});
