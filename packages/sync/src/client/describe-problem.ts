import type { Problem, ProblemCode } from '../machine/state.ts';

const SENTENCES: Readonly<Record<ProblemCode, readonly [what: string, fix: string]>> = {
  network: ['No connection to the server', 'Trying again.'],
  server: ['The server cannot answer now', 'Trying again.'],
  blocked: [
    'A proxy or a wrong url is in the way',
    'Check the url, and turn the buffering of proxies off; polling instead.',
  ],
  auth: ['The server refused the key', 'Check the key.'],
  'not-found': ['The server knows no such path', 'Check the url and its prefix.'],
  gone: ['The server ended this for good', 'Check the key.'],
  refused: ['The server turned the request down', 'Client and server may not fit each other.'],
  format: ['The ruleset is of a format this client does not know', 'Update the client.'],
  data: ['The server sent something unreadable', 'Asking again.'],
  integrity: [
    'The server sent flags that cannot be trusted',
    'What was verified last stays in use. Check the pinned keys, and the way to the server.',
  ],
};

/** Says a problem in one line: what happened, the fact behind it, and what to do. */
export function describeProblem({ code, message }: Problem): string {
  const [what, fix] = SENTENCES[code];
  return `${what} (${message}). ${fix}`;
}
