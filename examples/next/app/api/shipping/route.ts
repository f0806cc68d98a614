import { visitorFlags } from '../../../flags/server.ts';
import { defaults } from '../../../flags/types.ts';

/** A route handler reads flags as a server component does. */
export async function GET(): Promise<Response> {
  const flags = await visitorFlags();
  return Response.json({ freeFrom: flags.value('free-shipping-from', defaults['free-shipping-from']) });
}
