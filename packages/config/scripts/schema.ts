import { z } from 'zod';
import { FLAG_TYPES } from '../src/flag.ts';
import { bucketing, comparand, fullClause, instant, keys, share, text, value, zone } from './schema-parts.ts';

const day = z.union([
  z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'weekdays', 'weekends']),
  z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']),
  z.int().min(1).max(7),
]);

const time = z
  .strictObject({
    from: instant.optional().describe('The first moment.'),
    until: instant.optional().describe('The first moment after it.'),
    days: z
      .union([day, z.array(day).min(1)])
      .optional()
      .describe('Days of the week: weekdays, weekends, [mon, tue], or 1 (Monday) to 7.'),
    hours: z
      .string()
      .regex(/^\s*\d{1,2}:\d\d\s*[-–]\s*\d{1,2}:\d\d\s*$/)
      .optional()
      .describe('Hours of the day: "09:00-17:00". "22:00-06:00" spans midnight and belongs to the day it begins on.'),
    zone: zone.optional(),
  })
  .meta({ id: 'time', description: 'A window of time; all that is given has to hold.' });

const bucket = z
  .strictObject({
    ...bucketing,
    salt: text.describe('Ranges with the same salt are ranges of the same users: disjoint ones never meet.'),
    from: share.optional().describe('Where the range begins; 0% when absent.'),
    to: share.optional().describe('Where the range ends; 100% when absent.'),
  })
  .meta({ id: 'bucket', description: 'A fixed share of the users, for layers, holdouts and percentage segments.' });

const condition: z.ZodType = z
  .union([
    fullClause,
    z
      .object({
        get all(): z.ZodOptional<z.ZodType> {
          return z.array(condition).min(1).optional().describe('All of these conditions.');
        },
        get any(): z.ZodOptional<z.ZodType> {
          return z.array(condition).min(1).optional().describe('At least one of these conditions.');
        },
        get not(): z.ZodOptional<z.ZodType> {
          return condition.optional().describe('The opposite of this condition.');
        },
        segment: z
          .union([text, z.array(text).min(1)])
          .optional()
          .describe('Member of the segment, or of one of these.'),
        time: time.optional(),
        bucket: bucket.optional(),
        if: z.never().optional(),
        when: z.never().optional(),
        serve: z.never().optional(),
        attr: z.never().optional(),
      })
      .catchall(comparand),
  ])
  .meta({
    id: 'condition',
    description:
      'Attributes and what they are compared with, and the words all, any, not, segment, time, bucket. All have to hold.',
  });

const variationName = z
  .union([z.string(), z.number(), z.boolean()])
  .meta({ id: 'variationName', description: 'Name of a variation. In boolean flags true and false will do.' });

const shares = z.record(z.string(), share);

const slices = z.union([shares, z.array(z.union([shares, z.tuple([variationName, share])])).min(1)]);

const split = z
  .strictObject({
    ...bucketing,
    slices: slices.describe('Share of each variation; they sum to 100%. In a list a variation may come again.'),
    sticky: text.optional().describe('Path of an attribute with the name of a variation to keep.'),
    experiment: text.optional().describe('Reported with every exposure of this split.'),
  })
  .meta({ id: 'split', description: 'Shares of the users.' });

const times = z.union([z.record(z.string(), share), z.array(z.tuple([instant, share])).min(1)]);

const rollout = z
  .strictObject({
    ...bucketing,
    to: variationName.describe('The variation that grows.'),
    from: variationName.optional().describe('The variation it replaces; the off variation when absent.'),
    start: instant.optional().describe('From here on it grows evenly, from 0% …'),
    end: instant.optional().describe('… to 100% here.'),
    points: times.optional().describe('Times and the share reached then; it changes evenly in between.'),
    steps: times.optional().describe('Times and the share from then on, held until the next.'),
    zone: zone.optional(),
  })
  .meta({ id: 'rollout', description: 'A share that moves by the clock. Give start and end, or points, or steps.' });

const serve = z
  .union([
    variationName,
    z.strictObject({ split }),
    z.strictObject({ rollout }),
    z.strictObject({ progress: rollout }),
    z.strictObject({ variation: variationName }),
    shares,
  ])
  .meta({ id: 'serve', description: 'A variation, shares such as { on: 25%, off: 75% }, split: or rollout:.' });

const authoring = {
  description: z.string().optional().describe('For the people who read this file; never leaves it.'),
  owner: z.string().optional().describe('Who answers for it; never leaves this file.'),
  tags: keys.optional().describe('For finding it again; never leave this file.'),
};

const rule = z
  .strictObject({
    id: z
      .union([text, z.number()])
      .optional()
      .describe('Said with every decision of this rule; derived from the condition when absent.'),
    description: z.string().optional().describe('For the people who read this file.'),
    if: condition.describe('Who the rule is for.'),
    serve: serve.describe('What they get.'),
  })
  .meta({ id: 'rule', description: 'A condition and what it serves.' });

const flag = z
  .strictObject({
    ...authoring,
    type: z.enum(FLAG_TYPES).optional().describe('Type of all variations; that of the first when absent.'),
    enabled: z.boolean().optional().describe('false serves the off variation to everyone.'),
    variations: z
      .union([
        z.record(z.string(), value),
        z.array(z.union([z.string(), z.number(), z.strictObject({ name: z.union([text, z.number()]), value })])).min(1),
      ])
      .optional()
      .describe(
        'Names and values, or a list of values that are their own names. Boolean flags have on and off by themselves.',
      ),
    off: variationName.optional().describe('Served when the flag is disabled or a prerequisite is not met.'),
    prerequisites: z
      .union([
        z.record(z.string(), z.union([variationName, z.array(variationName).min(1)])),
        z.array(z.strictObject({ flag: text, variations: z.union([variationName, z.array(variationName).min(1)]) })),
      ])
      .optional()
      .describe('Flags and the variation, or list of variations, they have to serve.'),
    targets: z
      .union([
        z.record(z.string(), z.union([keys, z.strictObject({ by: text.optional(), keys })])),
        z.array(z.strictObject({ variation: variationName, keys, by: text.optional() })),
      ])
      .optional()
      .describe('Variations and the keys that get them before any rule.'),
    rules: z.array(rule).optional().describe('Tried from the top; the first that matches decides.'),
    serve: serve.optional().describe('What everyone else gets; the off variation when absent.'),
    fallthrough: serve.optional().describe('The same as serve.'),
    salt: text.optional().describe('Salt of its splits; its key when absent.'),
    client: z
      .union([z.boolean(), z.literal('evaluated')])
      .optional()
      .describe('true: rules may go to browsers. evaluated: values alone may.'),
    requires: keys.optional().describe('Members a reader has to know to evaluate this flag.'),
    metadata: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('Public facts that travel with the flag.'),
  })
  .meta({ id: 'flag', description: 'A decision with its variations and rules.' });

const segment = z
  .strictObject({
    ...authoring,
    include: keys.optional().describe('Always members, unless excluded.'),
    exclude: keys.optional().describe('Never members.'),
    if: condition.optional().describe('Who else is a member.'),
    rules: z.array(condition).optional().describe('Conditions of which one has to hold.'),
    by: text.optional().describe('Path of the attribute that include and exclude are about; targetingKey when absent.'),
    client: z.boolean().optional().describe('May be sent to browsers.'),
    external: z.boolean().optional().describe('Membership is looked up elsewhere before the read.'),
  })
  .meta({ id: 'segment', description: 'A named set of users.' });

const file = z.strictObject({
  $schema: z.string().optional().describe('Where this schema is, for editors.'),
  environment: text.optional().describe('Name of the environment; production when absent.'),
  flags: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(value), flag]))
    .describe('The flags by key. One line is a flag: new-checkout: true.'),
  segments: z
    .record(z.string(), z.union([keys, segment]))
    .optional()
    .describe('Sets of users by key.'),
});

/** The JSON Schema (draft 7, which editors know best) of flag files. */
export function createFlagFileSchema(): object {
  const schema = z.toJSONSchema(file, {
    target: 'draft-7',
    io: 'input',
    override({ jsonSchema }) {
      // Members that begin with x- are the writer's own, except among operators and in a serve.
      const names = Object.keys(jsonSchema.properties ?? {});
      const isClosed = jsonSchema.additionalProperties === false;
      if (isClosed && names.length > 1 && !names.includes('ignoreCase')) jsonSchema.patternProperties = { '^x-': {} };
    },
  });
  const { $schema, ...rest } = schema;
  return { $schema, title: 'Feature flags', description: 'Flags and segments of one environment.', ...rest };
}
