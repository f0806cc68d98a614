import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

describe('the benchmark of the relay', { timeout: 60_000 }, () => {
  it('measures everything, and nothing is lost on the way', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@flags/source', 'benchmarks/relay/main.ts', '--quick', '--json'],
      { cwd: ROOT },
    );
    const { fanOut, restart, stalled } = JSON.parse(stdout) as Record<string, never>;
    const times = { best: expect.any(Number), median: expect.any(Number) };
    const measured = { p99Ms: times, cpuMicrosecondsPerDelivery: times };
    expect(fanOut).toMatchObject([
      { server: 'relay', ...measured },
      { server: 'bare node:http', ...measured },
    ]);
    expect(restart).toMatchObject({ max: expect.any(Number) });
    expect(stalled).toMatchObject({ cut: 3, cutByMistake: 0 });
  });
});
