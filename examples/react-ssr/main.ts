// The shop alone, on a relay that runs already: FLAGS_URL, FLAGS_SERVER_KEY and FLAGS_CLIENT_KEY say which.
import { loadShop } from './index.ts';

function need(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set. FLAGS_URL is the relay's address, the keys are its sk_… and ck_… keys.`);
  process.exit(1);
}

const options = {
  relayUrl: need('FLAGS_URL'),
  serverKey: need('FLAGS_SERVER_KEY'),
  clientKey: need('FLAGS_CLIENT_KEY'),
  port: Number(process.env['PORT'] ?? 3000),
};
const { startShop } = await loadShop();
const shop = await startShop(options);
console.log(`The shop is open: ${shop.url} (allow this origin at the relay)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shop.close());
