import type { FastifyRequest } from 'fastify';

/** How a request that cannot be taken is answered. */
export interface Failure {
  readonly status: number;
  readonly code: 'BAD_REQUEST' | 'INVALID_BODY' | 'INVALID_CONTEXT' | 'BODY_TOO_LARGE' | 'MEDIA_TYPE';
  readonly message: string;
}

/** What is wrong with a request, for the person who sends it; `undefined` when the request is not what failed. Quotes nothing of it. */
export function failureOf(error: unknown, request: FastifyRequest): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const status = 'statusCode' in error ? Number(error.statusCode) : 500;
  if (!(status >= 400 && status < 500)) return undefined;
  if ('validation' in error) {
    const code = error.message.startsWith('body/context') ? 'INVALID_CONTEXT' : 'INVALID_BODY';
    return { status, code, message: `This request is not of the form: ${error.message}.` };
  }
  if (status === 413) {
    const { bodyLimit } = request.routeOptions;
    return { status, code: 'BODY_TOO_LARGE', message: `The body may have ${bodyLimit} bytes here.` };
  }
  if (status === 415) return { status, code: 'MEDIA_TYPE', message: 'Send the body as application/json.' };
  if ('code' in error && String(error.code).startsWith('FST_ERR_CTP')) {
    return { status, code: 'INVALID_BODY', message: 'The body is not JSON.' };
  }
  return { status, code: 'BAD_REQUEST', message: 'This request cannot be read.' };
}
