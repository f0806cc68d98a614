import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A cable to a network of its own, which can be pulled out: no end, no reset, nothing goes through any more. */
export interface Link {
  /** This address is at the far end. */
  readonly address: string;
  /** What to put before a command so that it runs at the far end. */
  readonly prefix: readonly string[];
  pull(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
}

const run = promisify(execFile);

/** Lays a cable between two network namespaces; `undefined` where this user or machine may not. Needs root and `iproute2`. */
export async function openLink(): Promise<Link | undefined> {
  const name = `flags-${process.pid}`;
  const [near, far] = [`fn${process.pid}`, `ff${process.pid}`];
  // A range for benchmarks of networks, which nothing else uses (RFC 2544).
  const subnet = `198.18.${process.pid % 256}`;
  const ip = (...args: readonly string[]): Promise<unknown> => run('ip', args);
  const inside = (...args: readonly string[]): Promise<unknown> => ip('netns', 'exec', name, 'ip', ...args);
  const close = async (): Promise<void> => {
    // The cable goes with the namespace.
    await ip('netns', 'delete', name);
  };
  try {
    await ip('netns', 'add', name);
  } catch {
    return undefined;
  }
  try {
    await ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', name);
    await ip('address', 'add', `${subnet}.1/30`, 'dev', near);
    await ip('link', 'set', near, 'up');
    await inside('address', 'add', `${subnet}.2/30`, 'dev', far);
    await inside('link', 'set', 'lo', 'up');
    await inside('link', 'set', far, 'up');
  } catch {
    await close();
    return undefined;
  }
  return {
    address: `${subnet}.2`,
    prefix: ['ip', 'netns', 'exec', name],
    pull: async () => void (await inside('link', 'set', far, 'down')),
    plug: async () => void (await inside('link', 'set', far, 'up')),
    close,
  };
}
