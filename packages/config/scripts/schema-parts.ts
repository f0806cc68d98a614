import { z } from 'zod';
import { COERCIONS, OPERATORS } from '../src/operand.ts';

/** A text that says something. */
export const text: z.ZodString = z.string().min(1);

const texts = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))]);

/** Keys of users or of other units. */
export const keys: z.ZodType = texts.meta({ id: 'keys', description: 'Keys of users, or of what `by` names.' });

/** Any JSON. */
export const value: z.ZodType = z.unknown();

/** A share of the users. */
export const share: z.ZodType = z.union([z.string().regex(/^\d+(\.\d{1,3})?\s*%$/), z.number().min(0)]).meta({
  id: 'share',
  description: 'A percentage with up to three decimals: 25%, 0.5%. Beside `total`, a number of buckets.',
});

/** A date and time. */
export const instant: z.ZodType = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?)?$/)
  .meta({
    id: 'instant',
    description: 'A date, or date and time: 2026-12-01T09:00:00Z, or 2026-12-01 09:00 beside a zone.',
  });

/** An IANA time zone. */
export const zone: z.ZodType = text.meta({
  id: 'zone',
  description: 'An IANA time zone: Europe/Berlin, America/New_York, UTC.',
});

/** Members of everything that buckets. */
export const bucketing: Readonly<Record<'by' | 'salt' | 'bucketer' | 'total', z.ZodType>> = {
  by: text.optional().describe('Path of the attribute that is bucketed, such as org.id; targetingKey when absent.'),
  salt: text
    .optional()
    .describe('What the buckets are derived from. Changing it deals all users anew; the flag key when absent.'),
  bucketer: text.optional().describe('Name of another hash, for flags that come from another system.'),
  total: z.int().min(1).max(1_048_576).optional().describe('Number of buckets; 100000 when absent.'),
};

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const operand = z
  .union([scalar, z.array(scalar).min(1)])
  .meta({ id: 'operand', description: 'A value, or a list of which one has to fit.' });

const OPERATOR_TEXTS: Readonly<Record<string, string>> = {
  eq: 'Is equal to.',
  in: 'Is one of.',
  contains: 'Contains this text.',
  startsWith: 'Begins with this text.',
  endsWith: 'Ends with this text.',
  matches: 'Matches this pattern (RE2 without look-around or backreference).',
  lt: 'Is less than.',
  lte: 'Is less than or equal to.',
  gt: 'Is greater than.',
  gte: 'Is greater than or equal to.',
  before: 'Is a time before this instant.',
  after: 'Is a time after this instant.',
  exists: 'true: the attribute is there. false: it is missing.',
  cidr: 'Is an IP address in this network, such as 192.0.2.0/24.',
  verEq: 'Is this version.',
  verLt: 'Is a version before this one.',
  verLte: 'Is this version or one before.',
  verGt: 'Is a version after this one.',
  verGte: 'Is this version or one after.',
};

const options = {
  as: z.enum(COERCIONS).optional().describe('Converts attribute and values first; otherwise types have to be equal.'),
  ignoreCase: z.boolean().optional().describe('Ignores the case of the letters a to z.'),
  ifMissing: z.boolean().optional().describe('What holds for a user without the attribute; false when absent.'),
};

function operatorMembers(): Record<string, z.ZodType> {
  const members: Record<string, z.ZodType> = {};
  for (const op of OPERATORS) {
    const operands = op === 'exists' ? z.boolean() : operand;
    const said = OPERATOR_TEXTS[op]!;
    members[op] = operands.optional().describe(said);
    members[`not${op[0]!.toUpperCase()}${op.slice(1)}`] = operands.optional().describe(`Not: ${said}`);
  }
  return members;
}

// Operators an attribute is compared by.
const comparison: z.ZodType = z
  .strictObject({
    ...operatorMembers(),
    get not(): z.ZodOptional<z.ZodType> {
      return z
        .union([operand, comparison])
        .optional()
        .describe('The opposite of this value, list or mapping of operators.');
    },
    ...options,
  })
  .meta({ id: 'comparison', description: 'Operators; all of them have to hold.' });

/** What an attribute is compared with. */
export const comparand: z.ZodType = z.union([scalar, z.array(scalar).min(1), comparison]).meta({
  id: 'comparand',
  description: 'A value (equal), a list (one of), or operators such as { gte: 18, lt: 65 }.',
});

/** The long form of a comparison. */
export const fullClause: z.ZodType = z
  .strictObject({
    attr: z
      .union([text, z.array(text).min(1)])
      .describe('Path of the attribute, or a list of names where a name has a dot.'),
    op: z.enum(OPERATORS).optional().describe('The operator.'),
    values: operand.optional().describe('What it compares with.'),
    ...operatorMembers(),
    not: z
      .union([operand, comparison])
      .optional()
      .describe('The opposite of this value, list or mapping of operators.'),
    ...options,
  })
  .meta({ id: 'clause', description: 'An attribute by its path, for names that are reserved or have dots.' });
