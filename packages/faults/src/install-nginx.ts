// Sees to it that nginx is at hand before tests need it.
import { nginxBinary } from './nginx-binary.ts';

try {
  await nginxBinary();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
