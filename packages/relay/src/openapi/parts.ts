/** JSON Schema as it stands in the document. */
export type Schema = Readonly<Record<string, unknown>>;

/** A part that operations refer to by its `$id`. */
export type Part = Schema & { readonly $id: string };

/** A reference to a part. */
export function ref(id: string): Schema {
  return { $ref: `${id}#` };
}

const POSITION = '01j9zk3w7qx4m2tb.1042.9f3a77c1';
const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const entries = { type: 'object', additionalProperties: { type: ['object', 'null'] } };

function object(required: readonly string[], properties: Schema, more: Schema = {}): Schema {
  return { type: 'object', required, properties, ...more };
}

/** What operations share. */
export const PARTS: readonly Part[] = [
  {
    $id: 'Error',
    description: 'What happened, in a word for programs and a line for people. Nothing of the request is quoted.',
    ...object(['error'], { error: object(['code', 'message'], { code: text, message: text }) }),
    examples: [{ error: { code: 'KEY_MISSING', message: 'Send a key: Authorization: Bearer <key>.' } }],
  },
  {
    $id: 'Position',
    description:
      'A place in the history of the flags, `epoch.version.hash`. Positions compare by epoch and version; the hash says what is held there.',
    type: 'string',
    pattern: '^[0-9a-z_-]+\\.(0|[1-9][0-9]*)\\.[0-9a-f]{8}$',
    maxLength: 64,
    examples: [POSITION],
  },
  {
    $id: 'Reading',
    description: 'What one flag gives. Without an answer the value is null, the reason ERROR, and errorCode says why.',
    ...object(['value', 'reason'], {
      value: {},
      variant: { ...text, description: 'The name of the variation.' },
      variation: { ...count, description: 'Its index.' },
      reason: { ...text, examples: ['TARGETING_MATCH'] },
      ruleId: { ...text, description: 'For server keys only.' },
      version: count,
      experiment: text,
      errorCode: { ...text, examples: ['FLAG_NOT_FOUND'] },
    }),
    examples: [{ value: true, variant: 'on', variation: 0, reason: 'TARGETING_MATCH', version: 1042 }],
  },
  {
    $id: 'Envelope',
    description: 'A message of the stream: FULL_SYNC with the whole ruleset, or what changed since a position.',
    ...object(['event', 'data'], {
      event: { enum: ['FULL_SYNC', 'FLAG_UPDATE', 'SEGMENT_UPDATE'] },
      data: object(['position'], {
        position: ref('Position'),
        from: ref('Position'),
        reason: text,
        ruleset: { type: 'object' },
        flags: entries,
        segments: entries,
      }),
    }),
    examples: [
      {
        event: 'FLAG_UPDATE',
        data: { from: '01j9zk3w7qx4m2tb.1041.0c44d1e0', position: POSITION, flags: { old: null } },
      },
    ],
  },
  {
    $id: 'OfrepResult',
    description: 'What one flag gives, or why it gives nothing, as OFREP says it.',
    ...object(['key'], {
      key: text,
      value: {},
      reason: text,
      variant: text,
      metadata: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
      errorCode: text,
      errorDetails: text,
    }),
    examples: [{ key: 'new-checkout', value: true, reason: 'TARGETING_MATCH', variant: 'on' }],
  },
  {
    $id: 'OfrepError',
    description: 'An error as OFREP says it.',
    ...object(['errorDetails'], { key: text, errorCode: text, errorDetails: text }),
    examples: [{ errorDetails: 'Send a key: Authorization: Bearer <key>.' }],
  },
];
