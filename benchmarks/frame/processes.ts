import { fork } from 'node:child_process';

/** A process of its own that answers questions one at a time. */
export interface Worker {
  ask<T>(question: object): Promise<T>;
  /** Ends it at once, as a crash would; or asks it to end, where it has started something itself. */
  kill(signal?: 'SIGTERM'): Promise<void>;
}

/**
 * Starts a file, by its absolute path. Node raises its own limit of open files to the hard one, so nothing is to be set here
 * where `ulimit -Hn` allows more than the clients that are asked for. `flags` are further ones for Node.
 */
export function startWorker(file: string, flags: readonly string[] = []): Worker {
  const child = fork(file, {
    execArgv: ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning', ...flags],
    serialization: 'advanced',
  });
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        const onExit = (): void => reject(new Error(`${file} ended in the middle of ${JSON.stringify(question)}`));
        child.once('exit', onExit);
        child.once('message', (answer) => {
          child.off('exit', onExit);
          const { error } = answer as { readonly error?: string };
          if (error === undefined) resolve(answer as never);
          else reject(new Error(error));
        });
        child.send(question);
      }),
    kill: async (signal) => {
      child.kill(signal ?? 'SIGKILL');
      await exited;
    },
  };
}

/** Answers the questions of the process that started this one. */
export function answerQuestions(answer: (question: never) => object | Promise<object>): void {
  process.on('message', (question) => {
    void (async () => answer(question as never))()
      .catch((error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
      .then((reply) => process.send?.(reply));
  });
  process.on('disconnect', () => process.exit(0));
}

/** Milliseconds of the machine's steady clock: the same in all processes. */
export function steadyMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
