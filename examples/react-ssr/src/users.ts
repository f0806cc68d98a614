/** Someone who can be signed in here. A real shop has sessions; this one has a cookie with a name. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** What flags are evaluated for, on the server and in the page. */
  readonly context: Readonly<Record<string, unknown>> & { readonly targetingKey: string };
}

export const users: readonly [User, ...User[]] = [
  {
    id: 'ada',
    name: 'Ada',
    about: 'enterprise, DE, beta tester',
    context: { targetingKey: 'u-7', plan: 'enterprise', country: 'DE', beta: true },
  },
  { id: 'ben', name: 'Ben', about: 'free, US', context: { targetingKey: 'u-18', plan: 'free', country: 'US' } },
  {
    id: 'chloe',
    name: 'Chloé',
    about: 'pro, CH',
    context: { targetingKey: 'u-90210', plan: 'pro', country: 'CH' },
  },
  { id: 'dan', name: 'Dan', about: 'free, AT', context: { targetingKey: 'u-11', plan: 'free', country: 'AT' } },
];

/** The user with this id, else the first. */
export function userOf(id: string | null | undefined): User {
  return users.find((user) => user.id === id) ?? users[0];
}
