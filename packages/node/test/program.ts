import { spawn } from 'node:child_process';

/** What a program printed, and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Runs a module in a process of its own, on the sources, as a user of this package would. */
export async function runProgram(program: string, env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
    { cwd: new URL('..', import.meta.url), env: { ...process.env, ...env } },
  );
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, out, errors };
}
