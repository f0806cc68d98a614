import { Agent, request } from 'node:http';
import { steadyMs } from '../frame/processes.ts';
import { KEY } from './server.ts';

/** Requests of others while streams are served: how long each took, in milliseconds. */
export interface Probe {
  readonly health: number[];
  readonly evaluate: number[];
  /** Ends it, once the last answer is there. */
  stop(): Promise<void>;
}

const BODY = JSON.stringify({ context: { targetingKey: 'user-1' }, flags: ['flag-0'] });
const PAUSE_MS = 4;

/** Asks one after the other, over one connection: whether the server lives, and for one flag. */
export function startProbe(port: number): Probe {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let isOn = true;
  const ask = (method: string, path: string, body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const before = steadyMs();
      const headers = {
        authorization: `Bearer ${KEY}`,
        ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const sent = request({ port, host: '127.0.0.1', agent, method, path, headers }, (response) => {
        response.resume().on('end', () => {
          if (response.statusCode === 200) resolve(steadyMs() - before);
          else reject(new Error(`${path} was answered with ${response.statusCode}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  const [health, evaluate]: [number[], number[]] = [[], []];
  const run = async (): Promise<void> => {
    while (isOn) {
      health.push(await ask('GET', '/healthz', ''));
      evaluate.push(await ask('POST', '/v1/evaluate', BODY));
      await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
    }
  };
  const ended = run();
  return {
    health,
    evaluate,
    stop: async () => {
      isOn = false;
      await ended;
      agent.destroy();
    },
  };
}
