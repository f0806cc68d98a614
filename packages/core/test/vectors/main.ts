import { checkVectors } from './check.ts';

// Runs in a process of its own, in any runtime: prints what differs and says so by its exit code.
const failures = checkVectors();
for (const failure of failures) console.error(failure);
console.log(`${failures.length} vectors differ`);
process.exitCode = failures.length ? 1 : 0;
