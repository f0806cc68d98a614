/** A store refused, or answered what it should not. Its message is for people and holds nothing of what was sent. */
export class KvError extends Error {
  override readonly name = 'KvError';
  /** The status of the answer. */
  readonly status: number;

  constructor(status: number, what: string) {
    super(`status ${status}: ${what}`);
    this.status = status;
  }
}

/** What an answer of this status means for whoever runs the store. */
export function refusal(status: number): KvError {
  return new KvError(status, meaningOf(status));
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) return 'the token is refused; give one that may read and write there';
  if (status === 404) return 'there is no such store; check its address and ids';
  if (status === 413) return 'the rules are too large for this store';
  if (status === 429) return 'too many requests, or the quota is used up; fewer changes, or a larger plan';
  if (status >= 300 && status < 400) return 'it redirects; give the final address';
  return status >= 500 ? 'the store has a problem of its own' : 'the store refuses the request';
}
