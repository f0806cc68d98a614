import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countStep } from './counts.ts';
import type { Counts } from './counts.ts';
import type { Step } from './steps.ts';

/** How a step ended. */
export interface StepResult {
  readonly counts: Counts;
  /** All it wrote, standard output and error in the order they came. */
  readonly output: string;
}

/**
 * Runs a step to its end, whatever happens. When `signal` aborts or its time is over, the command is stopped together with every
 * process it started: it leads a process group of its own.
 */
export async function runStep(step: Step, signal: AbortSignal): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'flags-check-'));
  const report = join(folder, 'report');
  const output: string[] = [];
  try {
    const succeeded = await new Promise<boolean>((resolve) => {
      const args = step.args.map((argument) => argument.replace('REPORT', report));
      const child = spawn(step.command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
      const stop = (how: NodeJS.Signals): void => {
        if (child.pid === undefined) return;
        try {
          process.kill(-child.pid, how);
        } catch {
          // The group is gone already.
        }
      };
      let killing: NodeJS.Timeout | undefined;
      const end = (): void => {
        stop('SIGTERM');
        killing ??= setTimeout(stop, step.graceMs ?? 5_000, 'SIGKILL');
      };
      const deadline = setTimeout(() => {
        output.push(`\nStopped: it took longer than ${step.timeoutMs / 1000} s.\n`);
        end();
      }, step.timeoutMs);
      signal.addEventListener('abort', end, { once: true });
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
      }
      const finish = (ok: boolean): void => {
        clearTimeout(deadline);
        clearTimeout(killing);
        signal.removeEventListener('abort', end);
        resolve(ok);
      };
      child.on('error', (error) => {
        output.push(`${step.command} did not start: ${error.message}\n`);
        finish(false);
      });
      child.on('exit', (code) => {
        // Nothing that it left behind may keep the pipes open.
        if (code === null) stop('SIGKILL');
      });
      child.on('close', (code) => finish(code === 0));
      if (signal.aborted) end();
    });
    const text = existsSync(report) ? readFileSync(report, 'utf8') : undefined;
    return { counts: step.count ? step.count(succeeded, text) : countStep(succeeded), output: output.join('') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
