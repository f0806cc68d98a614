import { execFile } from 'node:child_process';

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string;
  /** All of its environment; that of this process when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds; two minutes when absent. */
  readonly timeoutMs?: number;
}

/** What a command wrote. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. One that fails throws an error that says which it was, where it ran, how it ended and what it wrote last. */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 120_000 }: CommandOptions,
): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ stdout, stderr });
      const how = error.killed
        ? `took longer than ${timeoutMs / 1000} s`
        : `ended with ${error.code ?? error.signal ?? error.message}`;
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-40).join('\n');
      return reject(new Error(`${[command, ...args].join(' ')}\nin ${cwd}\n${how}:\n${said}`));
    });
    // Nobody is there to answer.
    child.stdin?.end();
  });
}
