import {
  createRelay,
  fileSource,
  generateClientKey,
  generateServerKey,
  type Relay,
  RelayError,
  type RelayOptions,
} from '@flags/relay';

/** A relay that listens, and the keys it takes. */
export interface Started {
  readonly relay: Relay;
  /** For services. */
  readonly serverKey: string;
  /** For pages, whose origins have to be let in. */
  readonly clientKey: string;
}

const DEFAULT_PORT = 8080;
const TRIES = 20;

/**
 * Starts a relay on a flag file. `PORT` in the environment decides the port, and when it is taken that is an error; without
 * it, it is 8080 or the next one that is free.
 */
export async function startRelay(
  file: string,
  fixedPort: number | undefined,
  events: Pick<RelayOptions, 'onBrokenSource' | 'onMendedSource'>,
): Promise<Started> {
  const [serverKey, clientKey] = [generateServerKey(), generateClientKey()];
  for (let port = fixedPort ?? DEFAULT_PORT; ; port++) {
    const relay = await createRelay({ source: fileSource(file), keys: [serverKey, clientKey], port, ...events });
    try {
      await relay.listen();
      return { relay, serverKey, clientKey };
    } catch (error) {
      await relay.close();
      const isTaken = error instanceof RelayError && error.code === 'PORT_IN_USE';
      if (!isTaken || fixedPort !== undefined || port === DEFAULT_PORT + TRIES) throw error;
      console.error(`Port ${port} is in use, trying ${port + 1}.`);
    }
  }
}
