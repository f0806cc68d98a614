import { request } from './request.ts';

/** A metric of a relay, by its name and labels as Prometheus writes them; 0 when it is not there. */
export async function readMetric(url: string, key: string, name: string): Promise<number> {
  const { body } = await request(`${url}/metrics`, { authorization: `Bearer ${key}` });
  const lines = body.toString().split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
}
