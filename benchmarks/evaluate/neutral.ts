// Flags as anyone would describe them, in no vendor's words. Each adapter translates them to its format.

/** What a flag serves. A flag's values are all of one type. */
export type Value = boolean | string;

/** What is known of a user. */
export interface User {
  readonly key: string;
  readonly country: string;
  readonly plan: string;
  readonly email: string;
  readonly age: number;
  readonly version: string;
}

/** One demand; an attribute that is missing does not meet it. */
export type Demand =
  | { readonly attribute: 'country' | 'plan'; readonly isOneOf: readonly string[] }
  | { readonly attribute: 'email'; readonly endsWith: string }
  | { readonly attribute: 'age'; readonly isAbove: number }
  | { readonly attribute: 'version'; readonly isAtLeast: string }
  | { readonly segment: string };

/** A value, or values by their shares in per cent, which add up to 100. */
export type Serve = Value | readonly (readonly [value: Value, percent: number])[];

/** Serves where all demands are met. A rule of a boolean flag never serves plain `false`. */
export interface Rule {
  readonly when: readonly Demand[];
  readonly serve: Serve;
}

/** A flag. The first rule that matches decides, else `otherwise`; `off` where it is off or the flag it needs is not `true`. */
export interface NeutralFlag {
  readonly key: string;
  readonly kind: 'boolean' | 'string';
  readonly isOn: boolean;
  readonly off: Value;
  readonly needs?: string;
  readonly rules: readonly Rule[];
  readonly otherwise: Serve;
}

/** Users by their keys. */
export interface NeutralSegment {
  readonly name: string;
  readonly keys: readonly string[];
}

/** Everything that is loaded at once. */
export interface Environment {
  readonly flags: readonly NeutralFlag[];
  readonly segments: readonly NeutralSegment[];
}

/** Whether a serve is shares. */
export function isShares(serve: Serve): serve is readonly (readonly [Value, number])[] {
  return typeof serve === 'object';
}

/** Every value that a flag can serve, its off value first. */
export function valuesOf(flag: NeutralFlag): readonly Value[] {
  const served = [...flag.rules.map(({ serve }) => serve), flag.otherwise].flatMap((serve) =>
    isShares(serve) ? serve.map(([value]) => value) : [serve],
  );
  return [...new Set([flag.off, ...served])];
}

function meets(user: User, demand: Demand, environment: Environment): boolean {
  if ('segment' in demand)
    return environment.segments.find(({ name }) => name === demand.segment)?.keys.includes(user.key) ?? false;
  if ('isOneOf' in demand) return demand.isOneOf.includes(user[demand.attribute]);
  if ('endsWith' in demand) return user.email.endsWith(demand.endsWith);
  if ('isAbove' in demand) return user.age > demand.isAbove;
  const [has, wants] = [user.version, demand.isAtLeast].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 3; at += 1) if (has?.[at] !== wants?.[at]) return (has?.[at] ?? 0) > (wants?.[at] ?? 0);
  return true;
}

/** The answers that are right for a user: one, or all that have a share, since everyone's hash differs. */
export function rightAnswers(environment: Environment, flag: NeutralFlag, user: User): readonly Value[] {
  const needed = environment.flags.find(({ key }) => key === flag.needs);
  if (!flag.isOn || (needed !== undefined && !rightAnswers(environment, needed, user).includes(true)))
    return [flag.off];
  const rule = flag.rules.find(({ when }) => when.every((demand) => meets(user, demand, environment)));
  const serve = (rule ?? { serve: flag.otherwise }).serve;
  return isShares(serve) ? serve.map(([value]) => value) : [serve];
}
