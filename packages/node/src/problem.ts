/** An error in a few words: its code and where. Messages may quote what was sent, so they do not pass. */
export function describe(error: unknown, url: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // The host alone: an address may hold a client key, or a proxy's password.
  const place = URL.canParse(url) ? ` at ${new URL(url).host}` : '';
  const hint = code === 'EPROTO' && url.startsWith('https:') ? ' (does this port speak https?)' : '';
  return `${typeof code === 'string' ? code : 'the request failed'}${place}${hint}`;
}
