import type { FlagType, Json } from '@flags/core';

/** A value that someone typed, or what is wrong with it. */
export type Draft =
  | { readonly type: 'value'; readonly value: Json }
  | { readonly type: 'problem'; readonly problem: string };

/** A value as text to edit: JSON, but a text as it is. */
export function draftText(type: FlagType | undefined, value: unknown): string {
  return type === 'string' && typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
}

/** Reads a text as a value of a type; any JSON where the type is not known. */
export function parseDraft(type: FlagType | undefined, text: string): Draft {
  if (type === 'string') return { type: 'value', value: text };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return {
      type: 'problem',
      problem: `This is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`,
    };
  }
  if (type === 'number' && typeof value !== 'number') return { type: 'problem', problem: 'The flag takes a number.' };
  if (type === 'boolean' && typeof value !== 'boolean')
    return { type: 'problem', problem: 'The flag takes true or false.' };
  if (type === 'object' && (typeof value !== 'object' || value === null))
    return { type: 'problem', problem: 'The flag takes an object or a list.' };
  return { type: 'value', value };
}
