const VARIABLES = {
  FLAGS_URL: 'the address of the relay',
  FLAGS_SERVER_KEY: 'its key for servers, sk_…',
  FLAGS_CLIENT_KEY: 'its key for pages, ck_…',
  PAGES_SECRET: 'at least 32 characters: openssl rand -hex 32',
};

/** A variable of the environment. Throws, saying what it is for, when it is not set. */
export function need(name: keyof typeof VARIABLES): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: ${VARIABLES[name]}.`);
}
