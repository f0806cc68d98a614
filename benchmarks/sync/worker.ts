import { join } from 'node:path';
import type { Worker } from '../frame/processes.ts';
import { startWorker } from '../frame/processes.ts';

/** Starts a file of this folder as a process of its own. */
export function startHere(file: string): Worker {
  return startWorker(join(import.meta.dirname, file));
}
