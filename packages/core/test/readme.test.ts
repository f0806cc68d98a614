import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as index from '../src/index.ts';
import * as limits from '../src/limits.ts';

const folder = resolve(import.meta.dirname, '..');
const readme = readFileSync(resolve(folder, 'README.md'), 'utf8');
const sectionOf = (title: string): string => readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('the README', () => {
  it('has an example of a dozen lines that prints what it says', async () => {
    const [, example = ''] = /```js\n(.*?)```/s.exec(readme) ?? [];
    const printed = [...example.matchAll(/\/\/ → (.+)/g)].map(([, text]) => `${text}\n`).join('');
    expect(example.trim().split('\n').length).toBeLessThanOrEqual(12);
    const flags = ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning', '--input-type=module'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--eval', example], { cwd: folder });
    expect(stdout).toBe(printed);
    expect(printed).not.toBe('');
  });

  it('lists every function that is public', () => {
    const api = sectionOf('API');
    for (const name of [...Object.keys(index), 'explain', 'validateRuleset']) expect(api).toContain(`\`${name}`);
  });

  it('says the limits that hold', () => {
    const figures = [...sectionOf('Limits').matchAll(/\| +([\d, ]+) \|$/gm)].map(([, figure = '']) => figure.trim());
    const { MAX_STEPS, MATCH_STEPS, MAX_CONDITION_DEPTH, MAX_SEGMENT_DEPTH } = limits;
    const { MAX_PREREQUISITES, MAX_VALUE_DEPTH, MAX_TOTAL, MAX_NAME } = limits;
    const held = [MAX_STEPS, MATCH_STEPS, MAX_CONDITION_DEPTH, MAX_SEGMENT_DEPTH, MAX_PREREQUISITES, MAX_VALUE_DEPTH];
    held.push(MAX_TOTAL, MAX_NAME);
    expect(figures.slice(0, -1).map((figure) => Number(figure.replaceAll(' ', '')))).toStrictEqual(held);
  });

  it('maps every source file', () => {
    const files = sectionOf('Files');
    const listed = (name: string): boolean => files.includes(name.replace(/^validate-.*/, 'validate-*.ts'));
    expect(readdirSync(resolve(folder, 'src')).filter((name) => !listed(name))).toStrictEqual([]);
  });
});
