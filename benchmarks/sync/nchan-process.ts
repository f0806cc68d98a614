// nginx with nchan: what the same fan-out takes where no byte of it is pushed by JavaScript.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Nginx } from '@flags/faults/nginx';
import { startNginxWith } from '@flags/faults/nginx';
import { nginxWithNchan } from '@flags/faults/nginx-binary';
import { answerQuestions, steadyMs } from '../frame/processes.ts';
import type { ServerQuestion, Usage } from './server.ts';
import { listening, MARKER } from './server.ts';

// A publisher keeps its connection, as a service would.
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** What nchan adds around the data of a change: the event's name, an id and line feeds. */
const FRAME_BYTES = 'event: FLAG_UPDATE\nid: 1795301222:1\ndata: \n\n'.length;

let nginx: Nginx | undefined;
let worker = '';

// One worker, as the others are one process. Beside the two locations of nchan it answers what the bare loop answers.
const configuration = ({ port }: Pick<Nginx, 'port'>): string => `access_log off;
  default_type application/json;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /nginx { return 200 $pid; }
    location = /publish { nchan_publisher; nchan_channel_id flags; nchan_message_buffer_length 1; }
    location = /v1/stream {
      nchan_subscriber eventsource;
      nchan_channel_id flags;
      nchan_subscriber_first_message oldest;
    }
    location / { return 200 '{}'; }
  }`;

function ask(path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request({ port: nginx?.port, host: '127.0.0.1', agent, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Publishes, and sees to it that somebody is there to hear it, or nobody yet. */
async function publish(event: string, data: string, expected: 201 | 202): Promise<void> {
  const headers = { 'x-eventsource-event': event, 'content-length': String(data.length) };
  const [status, text] = await ask('/publish', headers, data);
  if (status !== expected) throw new Error(`nchan answered ${status} instead of ${expected} to a message: ${text}`);
}

async function start({ clients }: Extract<ServerQuestion, { ask: 'start' }>): Promise<object> {
  const program = await nginxWithNchan();
  // Else root's worker would be nobody, who may not look into the folder.
  const user = process.getuid?.() === 0 ? ['user root;'] : [];
  const main = [`load_module ${program.module};`, 'worker_processes 1;', ...user];
  // When a sixteenth of its connections is left, nginx closes those that it waits for a request on.
  const connections = Math.ceil(clients * 1.1) + 1_000;
  nginx = await startNginxWith(configuration, { program, main, connections });
  [, worker] = await ask('/nginx', {});
  // What a subscriber gets first, so that it knows when it is one.
  await publish('HEARTBEAT', '{}', 202);
  return listening(nginx);
}

/** Of nginx's worker; the pages of nchan's shared memory that it has touched are in its RSS. */
function usageOfWorker(): Usage {
  const of = (file: string): string => readFileSync(`/proc/${worker}/${file}`, 'utf8');
  const [nanoseconds] = of('schedstat').split(' ');
  const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(of('status')) ?? [];
  return { cpuMicroseconds: Number(nanoseconds) / 1_000, rssBytes: Number(kilobytes) * 1_024 };
}

async function change(bytes: number): Promise<object> {
  const data = 'x'.repeat(bytes - FRAME_BYTES - MARKER.length) + MARKER;
  const at = steadyMs();
  await publish('FLAG_UPDATE', data, 201);
  return { at };
}

answerQuestions((question: ServerQuestion) => {
  if (question.ask === 'start') return start(question);
  return question.ask === 'usage' ? usageOfWorker() : change(question.bytes);
});

process.on('SIGTERM', () => void nginx?.close().then(() => process.exit(0)));
