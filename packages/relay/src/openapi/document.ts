import type { SwaggerTransform } from '@fastify/swagger';
import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { OPERATIONS } from './operations.ts';
import { PARTS } from './parts.ts';

const INFO = {
  title: 'Flags relay',
  description: 'Serves feature flags: rules to SDKs that evaluate where they are, values to those who cannot.',
  // Of the protocol: paths say it, and what is added to it keeps it.
  version: '1',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const KEYS = {
  serverKey: { type: 'http', scheme: 'bearer', description: 'Secret; reads everything.' },
  clientKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'Public, begins with ck_; reads what is meant for clients.',
  },
  clientKeyInUrl: { type: 'apiKey', in: 'query', name: 'key', description: 'A client key; never a server key.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: "OFREP's other way to send a key." },
} as const;

/** Has every route that is added from now on described. Resolves when routes can be added. */
export async function describeRoutes(app: FastifyInstance, prefix: string): Promise<void> {
  for (const part of PARTS) app.addSchema(part);
  const transform: SwaggerTransform = ({ schema, url, route }) => {
    const path = url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url;
    const methods = [route.method].flat();
    const operation = methods.map((method) => OPERATIONS[`${method} ${path}`]).find((found) => found !== undefined);
    // What a route checks is what it says; the rest is said beside it, and checked by nobody.
    const described = { ...operation, ...(schema as FastifySchema | undefined) };
    return { schema: described, url };
  };
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      tags: [
        { name: 'Rules', description: 'For those who evaluate where they are.' },
        { name: 'Values', description: 'For those who cannot: evaluated here.' },
        { name: 'OFREP', description: 'The OpenFeature Remote Evaluation Protocol 0.3.' },
        { name: 'Operation', description: 'For those who run a relay.' },
      ],
      components: { securitySchemes: KEYS },
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `part-${index}`),
    },
    transform,
  });
}

/** `GET /v1/openapi.json`: what every route takes and answers. It holds no secret, so it needs no key. */
export function openApiRoute(app: FastifyInstance): void {
  let text: string | undefined;
  app.get('/v1/openapi.json', (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.header('cache-control', 'public, max-age=300').type('application/json; charset=utf-8').send(text);
  });
}
