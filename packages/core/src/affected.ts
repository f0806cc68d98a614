import type { CompiledRuleset } from './compiled.ts';
import { dependenciesOf } from './dependencies.ts';
import { compileFlag } from './flag.ts';
import type { EntryHeader } from './ruleset.ts';

/**
 * Whether what a flag serves could differ between two rulesets: its own entry differs, or that of a flag or segment it depends on,
 * directly or not. Entries are equal when they are the same object (an update shares what it does not reach) or have the same version
 * and digest. Sound, not exact: an entry can change without changing anyone's answer.
 */
export function isAffected(before: CompiledRuleset | undefined, after: CompiledRuleset, key: string): boolean {
  if (before === undefined) return true;
  const old = compileFlag(before, key);
  const flag = compileFlag(after, key);
  const own = `flag/${key}`;
  // In neither, or broken alike: then nothing is known but the entry itself.
  if (typeof old !== 'object' || typeof flag !== 'object') {
    return old !== flag || !isSame(entryOf(before, own), entryOf(after, own));
  }
  // What an update does not reach is shared.
  if (old === flag) return false;
  // What broke or was healed among them is seen from the side where it is whole.
  const refs = new Set([own, ...dependenciesOf(old), ...dependenciesOf(flag)]);
  for (const ref of refs) {
    if (typeof ref === 'string' && !isSame(entryOf(before, ref), entryOf(after, ref))) return true;
  }
  return false;
}

function entryOf({ flags, segments }: CompiledRuleset, ref: string): Partial<EntryHeader> | null | undefined {
  const at = ref.indexOf('/');
  return (ref[0] === 'f' ? flags : segments).get(ref.slice(at + 1)) as Partial<EntryHeader> | null | undefined;
}

function isSame(a: Partial<EntryHeader> | null | undefined, b: Partial<EntryHeader> | null | undefined): boolean {
  return a === b || (typeof a?.digest === 'string' && a.digest === b?.digest && a.version === b.version);
}
