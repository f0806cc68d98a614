import { z } from 'zod';
import { settingsSchema } from '../src/config/schema.ts';
import { storesSchema } from '../src/config/stores.ts';
import { variableOf } from '../src/config/setting.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { keysSchema } from '../src/keys/relay-key.ts';

interface Schema {
  [name: string]: unknown;
  properties?: Record<string, Schema>;
  required?: unknown;
}

/** The JSON Schema of the configuration file, for editors: what the relay checks, with what help says of each setting. */
export function createConfigSchema(): object {
  const schema = schemaOf(settingsSchema);
  const members = schema.properties ?? {};
  const { $schema: _of, ...keys } = schemaOf(keysSchema);
  members['keys'] = keys;
  const { $schema: _also, ...stores } = schemaOf(storesSchema);
  members['stores'] = stores;
  // Whatever is absent comes from somewhere else, or has a default.
  for (const one of [schema, ...Object.values(members)]) delete one.required;
  for (const setting of SETTINGS) {
    const { path, about, fallback, fallbackText } = setting;
    const member = path.split('.').reduce<Schema | undefined>((at, name) => at?.properties?.[name], schema);
    if (member === undefined) throw new Error(`There is no ${path} in the schema of the file.`);
    const by = fallbackText ?? (fallback === undefined ? undefined : String(fallback));
    member['description'] = `${sentence(about)} ${variableOf(setting)}${by === undefined ? '.' : `; default ${by}.`}`;
  }
  const { $schema, ...rest } = schema;
  const properties = { $schema: { type: 'string', description: 'Where this schema is, for editors.' }, ...members };
  return { $schema, title: 'Configuration of @flags/relay', ...rest, properties };
}

function schemaOf(from: z.ZodType): Schema {
  return z.toJSONSchema(from, { target: 'draft-07', io: 'input' }) as Schema;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
