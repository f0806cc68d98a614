import type { Flag } from '@flags/core';
import type { MemorySource } from '@flags/relay';
import { createRelay, memorySource } from '@flags/relay';
import { rulesetOf, switchFlag } from '@flags/sync/testing';
import { answerQuestions, steadyMs } from '../frame/processes.ts';
import type { ServerQuestion } from './server.ts';
import { KEY, listening, MARKER, usage } from './server.ts';

let source: MemorySource | undefined;
let version = 1;

function flag(key: string, note: string): Flag {
  return switchFlag(key, { version, digest: version.toString(16).padStart(64, '0'), metadata: { note } });
}

async function start({ port, flags, stallMs }: Extract<ServerQuestion, { ask: 'start' }>): Promise<object> {
  const entries = Array.from({ length: flags }, (_, index) => flag(`flag-${index}`, 'x'.repeat(100)));
  source = memorySource(rulesetOf(version, entries, [], '01j9zk3w7qx4m2tb'));
  const relay = await createRelay({ source, keys: [KEY], port, streams: { stallMs } });
  await relay.listen();
  return listening({ port: Number(new URL(relay.url).port) });
}

answerQuestions((question: ServerQuestion) => {
  if (question.ask === 'start') return start(question);
  if (question.ask === 'usage') return usage();
  version += 1;
  const at = steadyMs();
  // Beside the note, a change of one flag has about 400 bytes.
  const changed = flag('flag-0', 'x'.repeat(Math.max(question.bytes - 400, 0)) + MARKER);
  source?.apply({ version, flags: { [changed.key]: changed } });
  return { at };
});
