// What a relay would be without anything of a relay: an array of responses, and a loop that writes to them.
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerQuestions, steadyMs } from '../frame/processes.ts';
import type { ServerQuestion } from './server.ts';
import { listening, MARKER, usage } from './server.ts';

const responses = new Set<ServerResponse>();

const server = createServer((request, response) => {
  if (!request.url?.startsWith('/v1/stream')) return void response.end('{}');
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('event: HEARTBEAT\ndata: {}\n\n');
  responses.add(response);
  response.on('close', () => responses.delete(response));
});

answerQuestions((question: ServerQuestion) => {
  if (question.ask === 'usage') return usage();
  if (question.ask === 'start') {
    return new Promise<object>((resolve) => {
      server.listen({ port: question.port, host: '127.0.0.1', backlog: 4_096 }, () =>
        resolve(listening(server.address() as AddressInfo)),
      );
    });
  }
  const at = steadyMs();
  const bytes = Buffer.from(`event: FLAG_UPDATE\ndata: ${'x'.repeat(question.bytes - 28)}${MARKER}\n\n`);
  for (const response of responses) response.write(bytes);
  return { at };
});
