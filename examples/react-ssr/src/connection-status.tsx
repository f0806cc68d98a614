import { useFlagStatus, type FlagStatus } from '@flags/react';

function textOf({ state, stale, reason }: FlagStatus): readonly [look: string, text: string] {
  if (state === 'live' && !stale) return ['good', 'Live'];
  // On the server, and until the page has its client.
  if (state === 'idle') return ['waiting', 'As rendered'];
  if (state === 'connecting' || state === 'live') return ['waiting', 'Connecting …'];
  // The page is older than the relay's keys: it came with one that is no more.
  if (reason === 'auth') return ['bad', 'The relay no longer knows this page: reload it'];
  return ['bad', 'Offline, flags stay as they are'];
}

/** How the page is doing: nobody has to know, but here everyone may see it. */
export function ConnectionStatus() {
  const [look, text] = textOf(useFlagStatus());
  return (
    <span role="status" className={`status ${look}`}>
      {text}
    </span>
  );
}
