import type { LineCounter } from 'yaml';
import { type Located, locate } from './locate.ts';
import { type MapNode, pathOf, type SourceNode, type Spot } from './source.ts';
import type { ZoneBook } from './zone-book.ts';

/** What the expansion of one file writes to and looks things up in. */
export interface Expansion {
  readonly problems: Located[];
  /** Notes an error and gives `undefined`, the result of everything that could not be expanded. */
  readonly fail: (at: Spot, code: string, message: string, hint: string) => undefined;
  /** Notes something doubtful. */
  readonly warn: (at: Spot, code: string, message: string, hint: string) => void;
  /** Remembers where a part of the ruleset came from; gives the part. */
  readonly from: <T extends object>(part: T, at: Spot, members?: Readonly<Record<string, Spot | undefined>>) => T;
  /** The spot of the innermost part of `root` along `path` that is known. */
  readonly originOf: (root: object, path: readonly (string | number)[]) => Spot | undefined;
  /** Names of other hashes that the file asks for. */
  readonly bucketers: Set<string>;
  readonly zones: ZoneBook;
  /** Every flag of the file with its variations: flags refer to each other. */
  readonly flags: ReadonlyMap<string, FlagOutline>;
  readonly segments: ReadonlyMap<string, SourceNode>;
}

/** What others may need to know of a flag before it is expanded. */
export interface FlagOutline {
  readonly node: SourceNode;
  /** The members, when it was not written on one line. */
  readonly members: MapNode | undefined;
  /** Name and value of each variation; `undefined` when they could not be read. */
  readonly variations: ReadonlyMap<string, unknown> | undefined;
}

interface Origin {
  readonly at: Spot;
  readonly members: Readonly<Record<string, Spot | undefined>>;
}

/** Starts an expansion; `syntax` is what was wrong before. `flags` and `segments` may be filled later. */
export function createExpansion(
  lines: LineCounter,
  zones: ZoneBook,
  flags: ReadonlyMap<string, FlagOutline>,
  segments: ReadonlyMap<string, SourceNode>,
  syntax: readonly Located[],
): Expansion {
  const problems: Located[] = [...syntax];
  // What could not be read stands as nothing in the tree, which is no second problem.
  const unread = new Set(syntax.map(({ line, column }) => `${line}:${column}`));
  const seen = new Set<string>();
  const origins = new WeakMap<object, Origin>();

  function note(severity: 'error' | 'warning', at: Spot, code: string, message: string, hint: string): undefined {
    // What an alias stands for is read again at each alias.
    const once = JSON.stringify([at.start, pathOf(at), code, message]);
    if (seen.has(once)) return;
    seen.add(once);
    const problem = locate(lines, at, severity, code, message, hint);
    if (!unread.has(`${problem.line}:${problem.column}`)) problems.push(problem);
  }

  return {
    problems,
    fail: (at, code, message, hint) => note('error', at, code, message, hint),
    warn: (at, code, message, hint) => note('warning', at, code, message, hint),
    from(part, at, members = {}) {
      origins.set(part, { at, members });
      return part;
    },
    originOf(root, path) {
      let part: unknown = root;
      let spot = origins.get(root)?.at;
      for (const step of path) {
        if (typeof part !== 'object' || part === null) break;
        const members = origins.get(part)?.members;
        if (members && Object.hasOwn(members, step)) spot = members[step] ?? spot;
        part = Object.hasOwn(part, step) ? (part as Readonly<Record<string | number, unknown>>)[step] : undefined;
        if (typeof part === 'object' && part !== null) spot = origins.get(part)?.at ?? spot;
      }
      return spot;
    },
    bucketers: new Set(),
    zones,
    flags,
    segments,
  };
}
