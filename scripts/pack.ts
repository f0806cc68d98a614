// `npm run pack`: every public package as a tarball, to be tried in a project of yours before anything is published.
import { resolve } from 'node:path';
import { buildAll, packAll } from './publish/pack.ts';

const root = resolve(import.meta.dirname, '..');
const into = resolve(root, process.argv[2] ?? 'tarballs');
await buildAll(root);
const tarballs = await packAll(root, into);
process.stdout.write(`${tarballs.size} packages are in ${into}\nIn a project of yours: npm install ${into}/*.tgz\n`);
