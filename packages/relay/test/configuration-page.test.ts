import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Setting } from '../src/config/settings.ts';
import { settingsSchema } from '../src/config/schema.ts';
import { optionOf, SETTINGS, variableOf } from '../src/config/settings.ts';

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

  it('is about what the file takes', () => {
    const unknown = Object.fromEntries(SETTINGS.map(({ path }) => [path.split('.')[0], {}]));
    const issues = settingsSchema.safeParse(unknown).error?.issues ?? [];
    expect(issues.filter(({ code }) => code === 'unrecognized_keys')).toEqual([]);
    const { shape } = settingsSchema as unknown as { readonly shape: object };
    expect(new Set(Object.keys(shape))).toEqual(new Set(Object.keys(unknown)));
  });
});
