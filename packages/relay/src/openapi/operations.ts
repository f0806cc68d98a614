import type { Schema } from './parts.ts';
import { ref } from './parts.ts';

/** What the document says of one route, beside what the route itself checks. */
export type Operation = Schema & { readonly response: Schema };

const json = (description: string, schema: Schema): Schema => ({
  description,
  content: { 'application/json': { schema } },
});
const none = (description: string): Schema => ({ description, type: 'null' });
const events = (description: string): Schema => ({
  description,
  content: { 'text/event-stream': { schema: { type: 'string' } } },
});

const WHY: Readonly<Record<number, string>> = {
  400: 'The request is not of the form: BAD_REQUEST, INVALID_BODY, INVALID_CONTEXT, PIPELINED.',
  401: 'There is no key, or it is unknown here: KEY_MISSING, KEY_UNKNOWN.',
  403: 'The key may not do this: KEY_IN_URL, KEY_KIND, SIGNATURE_MISSING, SIGNATURE_WRONG, SIGNATURE_EXPIRED, …',
  413: 'The body is too long: BODY_TOO_LARGE.',
  415: 'The body is not application/json: MEDIA_TYPE.',
  429: 'Too much from this key or address; Retry-After says when to come back.',
  500: 'The relay failed to answer: INTERNAL.',
  503: 'There are no flags yet, or no room: NOT_READY, AT_CAPACITY, CLIENTS_AT_CAPACITY, CONTEXTS_AT_CAPACITY; Retry-After says when to come back.',
};
const failures = (part: string, ...statuses: readonly number[]): Schema =>
  Object.fromEntries(
    [401, 403, 429, 500, 503, ...statuses].map((status) => [status, json(WHY[status] ?? '', ref(part))]),
  );
const errors = (...statuses: readonly number[]): Schema => failures('Error', ...statuses);
const ofrepErrors = (...statuses: readonly number[]): Schema => failures('OfrepError', ...statuses);

const keys = [{ serverKey: [] }, { clientKey: [] }, { clientKeyInUrl: [] }];
const since = { type: 'object', properties: { since: ref('Position') } };
const between = { type: 'object', properties: { since: ref('Position'), to: ref('Position') } };
const resume = { type: 'object', properties: { 'last-event-id': ref('Position') } };
const signature = {
  type: 'string',
  description: 'What your server signed exactly this context with, where the relay asks client keys for it.',
};
const signed = { type: 'object', properties: { 'x-flags-context-signature': signature } };
const isHeld = {
  type: 'object',
  properties: { 'if-none-match': { type: 'string', description: 'The ETag of an earlier answer.' } },
};
const status = { type: 'object', required: ['status'], properties: { status: { type: 'string' } } };

/** By method and path, without the prefix. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /v1/stream': {
    summary: 'All flags, then every change, as server-sent events',
    description:
      'FULL_SYNC, or what changed since the position; a HEARTBEAT; then FLAG_UPDATE and SEGMENT_UPDATE as they are committed. GOODBYE before the relay closes.',
    tags: ['Rules'],
    security: keys,
    querystring: since,
    headers: resume,
    response: { 200: events('Events whose data is one line of JSON.'), ...errors(400) },
  },
  'GET /v1/snapshot': {
    summary: 'The same for those who poll',
    tags: ['Rules'],
    security: keys,
    querystring: between,
    headers: isHeld,
    response: {
      200: json(
        'What leads to the head: everything, or with since what changed. The ETag is the position, weak where the answer may be compressed. With `to`, which has to be the head, it may be kept for ever.',
        ref('Envelope'),
      ),
      304: none('There is nothing newer.'),
      ...errors(404),
    },
  },
  'GET /v1/ruleset': {
    summary: 'A ruleset that a stream has named',
    description: 'For clients that ask for a stream with `X-Flags-Caps: ref`. It never changes.',
    tags: ['Rules'],
    security: keys,
    querystring: { type: 'object', properties: { position: ref('Position') } },
    response: { 200: json('The ruleset.', { type: 'object' }), ...errors(404) },
  },
  'GET /v1/history': {
    summary: 'The states that lead to the head',
    description: 'For relays that follow this one: what changed in each commit, for every view that the key is shown.',
    tags: ['Rules'],
    security: keys,
    querystring: since,
    response: {
      200: json('The states, oldest first.', {
        type: 'object',
        required: ['epoch', 'views'],
        properties: { epoch: { type: 'string' }, views: { type: 'object' } },
      }),
      ...errors(),
    },
  },
  'POST /v1/ack': {
    summary: 'A stream has applied a position',
    tags: ['Rules'],
    security: keys,
    body: {
      type: 'object',
      required: ['stream', 'position'],
      properties: { stream: { type: 'string' }, position: ref('Position'), lagMs: { type: 'number', minimum: 0 } },
    },
    response: { 202: none('Taken, whatever it says.'), ...errors(400, 413, 415) },
  },
  'POST /v1/events': {
    summary: 'What clients count',
    tags: ['Rules'],
    security: keys,
    body: {
      type: 'object',
      required: ['from', 'to'],
      properties: {
        from: { type: 'integer', description: 'Epoch milliseconds, as is `to`.' },
        to: { type: 'integer' },
        summaries: { type: 'array', maxItems: 1_000, items: { type: 'object' } },
        exposures: { type: 'array', maxItems: 500, items: { type: 'object' } },
        tracked: { type: 'array', maxItems: 100, items: { type: 'object' } },
        dropped: { type: 'integer', minimum: 0 },
      },
    },
    response: { 202: none('Taken.'), ...errors(400, 413, 415) },
  },
  'POST /v1/evaluate': {
    summary: 'One, many or all flags for a context',
    tags: ['Values'],
    security: keys,
    headers: signed,
    response: {
      200: json('The values. Two positions that end in the same hash hold the same values.', {
        type: 'object',
        required: ['position', 'values'],
        properties: {
          position: ref('Position'),
          values: { type: 'object', additionalProperties: ref('Reading') },
        },
      }),
      ...errors(400, 413, 415),
    },
  },
  'POST /v1/client/stream': {
    summary: 'All values for a context, then every one that changes, as server-sent events',
    description:
      'VALUES with all values, or nothing when the position of Last-Event-ID has their hash; a HEARTBEAT; then VALUES with `from` and only what changed for this context, null for a flag that is gone. GOODBYE before the relay closes.',
    tags: ['Values'],
    security: keys,
    headers: { type: 'object', properties: { ...resume.properties, ...signed.properties } },
    response: { 200: events('Events whose data is one line of JSON.'), ...errors(400, 413, 415) },
  },
  'POST /ofrep/v1/evaluate/flags/:key': {
    summary: 'OFREP: one flag',
    tags: ['OFREP'],
    security: [...keys, { apiKey: [] }],
    params: { type: 'object', properties: { key: { type: 'string' } } },
    headers: signed,
    response: {
      200: json('What it gives.', ref('OfrepResult')),
      404: json('There is no such flag for this key.', ref('OfrepResult')),
      ...ofrepErrors(400, 413, 415),
    },
  },
  'POST /ofrep/v1/evaluate/flags': {
    summary: 'OFREP: all flags',
    tags: ['OFREP'],
    security: [...keys, { apiKey: [] }],
    headers: { type: 'object', properties: { ...isHeld.properties, ...signed.properties } },
    querystring: {
      type: 'object',
      properties: {
        flagConfigEtag: { type: 'string', description: 'What the event stream told, as is flagConfigLastModified.' },
        flagConfigLastModified: { type: 'string' },
      },
    },
    response: {
      200: json('What each gives, with an ETag over all of it; for client keys also where the event stream is.', {
        type: 'object',
        required: ['flags'],
        properties: {
          flags: { type: 'array', items: ref('OfrepResult') },
          eventStreams: {
            type: 'array',
            items: {
              type: 'object',
              required: ['type', 'endpoint'],
              properties: {
                type: { const: 'sse' },
                endpoint: { type: 'object', required: ['requestUri'], properties: { requestUri: { type: 'string' } } },
              },
            },
          },
        },
      }),
      304: none('The same as with the ETag of If-None-Match.'),
      ...ofrepErrors(400, 413, 415),
    },
  },
  'GET /ofrep/v1/stream': {
    summary: 'OFREP: that answers may have changed, as server-sent events',
    description: 'Messages whose data is { "type": "refetchEvaluation", "etag", "lastModified" }.',
    tags: ['OFREP'],
    security: [...keys, { apiKey: [] }],
    headers: resume,
    response: { 200: events('Messages without a name.'), ...ofrepErrors(400) },
  },
  'GET /v1/openapi.json': {
    summary: 'This document',
    tags: ['Operation'],
    response: { 200: json('An OpenAPI 3.1 document; the same for all, without a key.', { type: 'object' }) },
  },
  'GET /healthz': {
    summary: 'Whether the process lives',
    tags: ['Operation'],
    response: { 200: json('It does.', status) },
  },
  'GET /readyz': {
    summary: 'Whether there are flags, and streams are taken',
    tags: ['Operation'],
    response: { 200: json('Both.', status), 503: json('Not yet, or not any more.', status) },
  },
  'GET /metrics': {
    summary: 'Metrics for Prometheus',
    tags: ['Operation'],
    security: [{ serverKey: [] }],
    response: {
      200: { description: 'In its text format.', content: { 'text/plain': { schema: { type: 'string' } } } },
      ...errors(),
    },
  },
};
