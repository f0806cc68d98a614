import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { countVitest, sumCounts } from '../check/counts.ts';
import { runStep } from '../check/run-step.ts';
import type { StepResult } from '../check/run-step.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'flags-check-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const runNode = (code: string, timeoutMs = 60_000, signal = never): Promise<StepResult> =>
  runStep({ name: 'planted', command: process.execPath, args: ['-e', code], timeoutMs }, signal);

// Starts another process that keeps the output open, and waits for ever: the step ends only when both are gone.
const hang = `
  require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' });
  console.log('started');
  setInterval(() => {}, 1e6);`;

describe('A step', () => {
  test('counts one, and keeps what it wrote', async () => {
    const { counts, output } = await runNode(`console.log('out'); console.error('err')`);
    expect(counts).toEqual({ passed: 1, failed: 0 });
    expect(output).toContain('out');
    expect(output).toContain('err');
  });

  test('fails when its command does', async () => {
    expect((await runNode('process.exit(3)')).counts).toEqual({ passed: 0, failed: 1 });
  });

  test('fails when its command does not exist', async () => {
    const { counts, output } = await runStep(
      { name: 'none', command: 'no-such-command', args: [], timeoutMs: 1000 },
      never,
    );
    expect(counts).toEqual({ passed: 0, failed: 1 });
    expect(output).toContain('did not start');
  });

  test('that hangs is stopped with all it started', async () => {
    const { counts, output } = await runNode(hang, 1000);
    expect(counts).toEqual({ passed: 0, failed: 1 });
    expect(output).toContain('longer than 1 s');
  });

  test('is killed when it does not stop', async () => {
    const deaf = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6);`;
    const step = { name: 'deaf', command: process.execPath, args: ['-e', deaf], timeoutMs: 500, graceMs: 100 };
    expect((await runStep(step, never)).counts).toEqual({ passed: 0, failed: 1 });
  });

  test('ends with all it started when the run is interrupted', async () => {
    const interruption = new AbortController();
    const running = runNode(hang, 60_000, interruption.signal);
    interruption.abort();
    expect((await running).counts.failed).toBe(1);
  });
});

describe('The closing line', () => {
  // A real run of the runner on planted tests, with the setup file that forbids console output.
  async function runTests(name: string, source: string): Promise<StepResult> {
    const setup = join(root, 'scripts/test/fail-on-console.ts');
    writeFileSync(join(folder, `${name}.test.js`), source);
    writeFileSync(
      join(folder, `${name}.config.mjs`),
      `export default { test: { globals: true, include: ['${name}.test.js'], setupFiles: [${JSON.stringify(setup)}] } };`,
    );
    const args = ['run', '--root', folder, '--config', join(folder, `${name}.config.mjs`)];
    return runStep(
      {
        name,
        command: join(root, 'node_modules/.bin/vitest'),
        args: [...args, '--reporter=default', '--reporter=json', '--outputFile.json=REPORT'],
        timeoutMs: 60_000,
        count: countVitest,
      },
      never,
    );
  }

  test('counts every test, and counts as failed what was skipped or is to be written', async () => {
    const { counts } = await runTests(
      'mixed',
      `test('a', () => {}); test('b', () => {}); test('c', () => { expect(1).toBe(2); }); test.skip('d', () => {}); test.todo('e');`,
    );
    expect(counts).toEqual({ passed: 2, failed: 3 });
  });

  test('counts a failure outside every test', async () => {
    const { counts } = await runTests(
      'outside',
      `test('a', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((done) => setTimeout(done, 50)); });`,
    );
    expect(counts).toEqual({ passed: 1, failed: 1 });
  });

  test('counts as passed, and tells with its reason, what passed when it was tried again', async () => {
    const { counts } = await runTests(
      'unsteady',
      `let tries = 0;
      test('a', { retry: 1 }, () => { expect(++tries).toBe(2); });
      test('b', { retry: 1 }, () => { expect(1).toBe(2); });`,
    );
    expect(counts).toMatchObject({ passed: 1, failed: 1 });
    expect(counts.unsteady).toEqual([expect.stringMatching(/^a\n.*expected 1 to be 2/)]);
  });

  test('counts a file that cannot be loaded', async () => {
    expect((await runTests('broken', `throw new Error('broken');`)).counts).toEqual({ passed: 0, failed: 1 });
  });

  test('counts console output in a test as its failure', async () => {
    const { counts, output } = await runTests(
      'loud',
      `test('a', () => { console.warn('noise'); }); test('b', () => {});`,
    );
    expect(counts).toEqual({ passed: 1, failed: 1 });
    expect(output).toContain('console.warn: noise');
  });

  test('counts a run without a report, or with half of one, or without tests, as failed', () => {
    expect(countVitest(true, undefined)).toEqual({ passed: 0, failed: 1 });
    expect(countVitest(true, '{"numPassedTests": 3')).toEqual({ passed: 0, failed: 1 });
    const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
    expect(countVitest(true, JSON.stringify(none))).toEqual({ passed: 0, failed: 1 });
  });

  test('adds up', () => {
    const all = [
      { passed: 1, failed: 0 },
      { passed: 20, failed: 3 },
    ];
    expect(sumCounts(all)).toEqual({ passed: 21, failed: 3 });
  });
});
