import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Setting } from '../src/config/setting.ts';
import { optionOf, variableOf } from '../src/config/setting.ts';
import { settingsSchema } from '../src/config/schema.ts';
import { SETTINGS } from '../src/config/settings.ts';

const PAGE = join(import.meta.dirname, '../docs/configuration.md');

function rowOf(setting: Setting): string {
  const { path, option, variables = [], fallback, fallbackText, about } = setting;
  const by = fallbackText ?? (fallback === undefined ? '' : `\`${String(fallback)}\``);
  const cells = [
    `\`${path}\``,
    option === undefined ? '' : `\`${optionOf(setting)}\``,
    [variableOf(setting), ...variables].map((name) => `\`${name}\``).join(', '),
    by,
    about,
  ];
  return `| ${cells.join(' | ')} |`;
}

const EXPORTING = ['sdk-trace-base', 'resources', 'exporter-trace-otlp-http', 'otlp-exporter-base'].map(
  (name) => `@opentelemetry/${name}`,
);

/** All scripts of a package that the exporter is made of. */
function sourceOf(name: string): string {
  const exporter = fileURLToPath(import.meta.resolve('@opentelemetry/exporter-trace-otlp-http'));
  const main = createRequire(exporter).resolve(name);
  const folder = main.slice(0, main.lastIndexOf('/build/'));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}

/** Without what only lines tables up. */
function plain(text: string): string {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
}

describe('the page on configuration', () => {
  it('has a row for every setting, and no other', async () => {
    const page = plain(await readFile(PAGE, 'utf8'));
    const [table = ''] = page.split('## Keys');
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(SETTINGS.map((setting) => plain(rowOf(setting))));
  });

  it('names the variables of OpenTelemetry that the relay reads itself, and none that nothing reads', async () => {
    const page = await readFile(PAGE, 'utf8');
    const named = [...page.matchAll(/^\| `(OTEL_\w+)`/gm)].map(([, name]) => name);
    const ours = await readFile(join(import.meta.dirname, '../src/tracing.ts'), 'utf8');
    for (const [, name] of ours.matchAll(/env\['(OTEL_\w+)'\]/g)) expect(named).toContain(name);
    const read = [ours, ...EXPORTING.map(sourceOf)].join();
    expect(named.filter((name) => !new RegExp(`['"\`]${name}['"\`]`).test(read))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  it('is about what the file takes', () => {
    const unknown = Object.fromEntries(SETTINGS.map(({ path }) => [path.split('.')[0], {}]));
    const issues = settingsSchema.safeParse(unknown).error?.issues ?? [];
    expect(issues.filter(({ code }) => code === 'unrecognized_keys')).toEqual([]);
    const { shape } = settingsSchema as unknown as { readonly shape: object };
    expect(new Set(Object.keys(shape))).toEqual(new Set(Object.keys(unknown)));
  });
});
