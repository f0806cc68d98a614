import type { Clause } from '@flags/core';
import { attributeAt, type Context } from './context.ts';
import { matcherOf } from './pattern.ts';
import { addressOf, blockOf, compareVersions, foldAscii, instantOf, numberOf, versionOf } from './texts.ts';

/** What an attribute and an operand are brought to before they meet. */
export type Kind = 'strict' | 'string' | 'number' | 'date' | 'version' | 'address';

const EQUALITY = ['eq', 'in'];
const ORDER = ['lt', 'lte', 'gt', 'gte'];
const TEXT = ['contains', 'startsWith', 'endsWith', 'matches', 'cidr'];
const TIME = ['before', 'after'];
const VERSIONS = ['verEq', 'verLt', 'verLte', 'verGt', 'verGte'];

/** Every operator there is. */
export const OPERATORS: readonly string[] = [...EQUALITY, ...ORDER, ...TEXT, ...TIME, ...VERSIONS, 'exists'];

/** What `as` may say beside an operator that has operands; `undefined` for no such operator. */
export function coercionsOf(op: unknown): readonly string[] | undefined {
  if (EQUALITY.includes(op as string)) return ['string', 'number', 'date', 'version'];
  if (ORDER.includes(op as string)) return ['number', 'date', 'version'];
  if (TEXT.includes(op as string)) return ['string'];
  if (TIME.includes(op as string)) return ['date'];
  return VERSIONS.includes(op as string) ? ['version'] : undefined;
}

/** What both sides of a clause are brought to. */
export function kindOf({ op, as }: Pick<Clause, 'op' | 'as'>): Kind {
  if (op === 'cidr') return 'address';
  if (TIME.includes(op)) return 'date';
  if (VERSIONS.includes(op)) return 'version';
  return as ?? 'strict';
}

/** A plain value of that kind, `undefined` for what is none: text, boolean, finite number, and for some kinds a `Date`. */
export function bringTo(kind: Kind, value: unknown): unknown {
  const isDate = value instanceof Date;
  const plain = isDate ? value.getTime() : value;
  if (typeof plain === 'number' && !Number.isFinite(plain)) return undefined;
  if (!['string', 'number', 'boolean'].includes(typeof plain)) return undefined;
  if (kind === 'strict') return isDate ? undefined : plain;
  if (kind === 'string') return isDate ? value.toISOString() : String(plain);
  if (kind === 'number' || kind === 'date') {
    if (typeof plain === 'string') return kind === 'number' ? numberOf(plain) : instantOf(plain);
    return typeof plain === 'number' ? plain : undefined;
  }
  if (typeof plain !== 'string') return undefined;
  return kind === 'version' ? versionOf(plain) : addressOf(plain);
}

function compare(kind: Kind, value: unknown, operand: unknown): number {
  if (kind === 'version') return compareVersions(value as never, operand as never);
  return (value as number) < (operand as number) ? -1 : (value as number) > (operand as number) ? 1 : 0;
}

/** Whether an element, brought to the clause's kind, satisfies it with this operand. */
function meets({ op, ignoreCase = false }: Clause, kind: Kind, value: unknown, raw: unknown): boolean {
  const fold = (text: unknown): unknown => (ignoreCase && typeof text === 'string' ? foldAscii(text) : text);
  if (op === 'matches') return matcherOf(raw as string, ignoreCase)?.(value as string) ?? false;
  if (op === 'cidr') {
    const block = blockOf(raw as string);
    return block !== undefined && (value as bigint) >> block.shift === block.bits;
  }
  const operand = fold(bringTo(kind, raw));
  const own = fold(value);
  if (op === 'contains') return (own as string).includes(operand as string);
  if (op === 'startsWith') return (own as string).startsWith(operand as string);
  if (op === 'endsWith') return (own as string).endsWith(operand as string);
  if (EQUALITY.includes(op) && kind !== 'version') return own === operand;
  const order = compare(kind, own, operand);
  switch (op) {
    case 'lt':
    case 'before':
    case 'verLt':
      return order < 0;
    case 'gt':
    case 'after':
    case 'verGt':
      return order > 0;
    case 'lte':
    case 'verLte':
      return order <= 0;
    case 'gte':
    case 'verGte':
      return order >= 0;
    default:
      return order === 0;
  }
}

/** The types that an element may have when nothing coerces it: for order a number, for text a text, else those of the operands. */
function isOfType({ op, values = [] }: Clause, kind: Kind, value: unknown): boolean {
  if (kind !== 'strict') return true;
  if (ORDER.includes(op)) return typeof value === 'number';
  if (TEXT.includes(op)) return typeof value === 'string';
  return values.some((operand) => typeof operand === typeof value);
}

function elementSays(clause: Clause, element: unknown): boolean | undefined {
  const kind = kindOf(clause);
  const value = bringTo(kind, element);
  if (value === undefined || !isOfType(clause, kind, value)) return undefined;
  if (clause.op === 'matches' && (value as string).length > 1024) return undefined;
  return (clause.values ?? []).some((operand) => meets(clause, kind, value, operand));
}

/** Whether the attribute satisfies the clause, `undefined` when it is missing or of the wrong type. */
export function clauseSays(clause: Clause, context: Context): boolean | undefined {
  const value = attributeAt(context, clause.attr);
  const isThere = (element: unknown): boolean =>
    bringTo('string', element instanceof Date ? element.getTime() : element) !== undefined;
  const says = (element: unknown): boolean | undefined =>
    clause.op === 'exists' ? isThere(element) || undefined : elementSays(clause, element);
  if (!Array.isArray(value)) return says(value);
  if (value.length > 1000) return undefined;
  if (value.length === 0) return clause.op === 'exists';
  const outcomes = new Set(value.map((element: unknown) => (Array.isArray(element) ? undefined : says(element))));
  if (outcomes.has(true)) return true;
  return outcomes.has(false) ? false : undefined;
}
