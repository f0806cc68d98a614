import { suggest } from '@flags/config';
import { z } from 'zod';
import { quoted, quotedName } from './quote.ts';

/** One thing that is wrong with an input, and where in it. */
export interface InputProblem {
  readonly path: readonly PropertyKey[];
  /** What was found, and what to do. */
  readonly message: string;
}

/**
 * Every problem of an input that a schema refused. The schema's own error texts are what to do; what was found is added, unless
 * `isSecret` holds or it looks like a key.
 */
export function inputProblems(
  schema: z.ZodType,
  input: unknown,
  error: z.ZodError,
  isSecret: (path: readonly PropertyKey[]) => boolean = () => false,
): readonly InputProblem[] {
  return flat(error.issues).flatMap((issue): readonly InputProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      const known = namesAt(schema, issue.path);
      return issue.keys.map((name) => ({
        path: [...issue.path, name],
        message: `is not known here. ${suggest(name, known, 'settings')}`,
      }));
    }
    const found = valueAt(input, issue.path);
    if (found === undefined) return [{ path: issue.path, message: `is missing. ${issue.message}` }];
    const what = isSecret(issue.path) ? '' : `${quoted(found)} `;
    return [{ path: issue.path, message: `${what}cannot be used. ${issue.message}` }];
  });
}

/** A place in an input as people write it: `keys[0].expiresAt`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((name, index) =>
      typeof name === 'number' ? `[${name}]` : `${index === 0 ? '' : '.'}${quotedName(String(name))}`,
    )
    .join('');
}

/** Of a union, what the branch says that takes this form of input at all; else what the union says itself. */
function flat(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): readonly z.core.$ZodIssue[] {
  return issues.flatMap((issue): readonly z.core.$ZodIssue[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'invalid_union') {
      const fitting = issue.errors.filter((branch) => branch.every((one) => one.path.length > 0 || isOfContent(one)));
      if (fitting.length === 1) return flat(fitting[0] ?? [], path);
    }
    return [{ ...issue, path }];
  });
}

function isOfContent({ code }: z.core.$ZodIssue): boolean {
  return code !== 'invalid_type' && code !== 'invalid_value';
}

function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: readonly z.ZodType[] = [schema];
  for (const name of path) at = at.flatMap(formsOf).flatMap((form) => memberOf(form, name));
  return at.flatMap(formsOf).flatMap((form) => (form instanceof z.ZodObject ? Object.keys(form.shape) : []));
}

function memberOf(schema: z.ZodType, name: PropertyKey): readonly z.ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  const shape: Readonly<Record<string, z.ZodType>> = schema instanceof z.ZodObject ? schema.shape : {};
  const member = typeof name === 'string' && Object.hasOwn(shape, name) ? shape[name] : undefined;
  return member === undefined ? [] : [member];
}

/** What a schema comes to without its wrappers. */
function formsOf(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return formsOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return formsOf(schema.in as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as readonly z.ZodType[]).flatMap(formsOf);
  return [schema];
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let at = input;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[name];
  }
  return at;
}
