// Sees to it that browsers are at hand before tests need them.
import { installBrowsers } from './installed.ts';

try {
  await installBrowsers();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
