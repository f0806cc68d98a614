// Sees to it that nginx is at hand before tests need it: alone, and with nchan for the benchmarks.
import { nginxBinary, nginxWithNchan } from './nginx-binary.ts';

try {
  await nginxBinary();
  await nginxWithNchan();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
