import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { excessOf, MAX_DEPTH, MAX_NODES } from './bounds.ts';
import { type Located, locate } from './locate.ts';
import { openUntil } from './open-until.ts';
import type { MapEntry, SourceNode, Spot } from './source.ts';

const MAX_SYNTAX_PROBLEMS = 20;

const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

const SYNTAX_HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with spaces; YAML takes no tabs there.',
  BAD_INDENT: 'Give the members of one mapping the same indentation.',
  BAD_ALIAS: 'Quote texts that begin with * or &.',
  BAD_SCALAR_START: 'Quote texts that begin with %, @ or `.',
  MISSING_CHAR: 'Close the quote or bracket, and put a space behind each colon and dash.',
  MULTIPLE_DOCS: 'Keep one document in a file: remove the line ---.',
  NON_STRING_KEY: 'Write the key as a text.',
  TAG_RESOLVE_FAILED: 'Remove the tag; quote the value where it should be a text.',
};

const GENERAL_HINT = 'Check the indentation, quotes and colons here and on the line above.';

/** A parsed file: its tree, unless its syntax is broken, and what was wrong on the way. */
export interface SourceDocument {
  readonly root: SourceNode | undefined;
  readonly problems: readonly Located[];
  /** Line and column (from 1) of an offset. */
  readonly lines: LineCounter;
}

/** Reads YAML 1.2 (core schema; JSON is a part of it) into nodes that know their place. */
export function readDocument(text: string): SourceDocument {
  const lines = new LineCounter();
  const problems: Located[] = [];
  const report = (at: Spot, code: string, message: string, hint: string): void => {
    problems.push(locate(lines, at, 'error', code, message, hint));
  };
  const at = (start: number, end: number): Spot => ({ start, end, parent: undefined, key: undefined });

  const excess = excessOf(text);
  if (excess !== undefined) {
    report(at(0, 1), 'LIMIT', `The file has more than ${excess}.`, 'Split it.');
    return { root: undefined, problems, lines };
  }
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    // Checked below: here every pair of keys would be compared.
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  // What is missing at the end of the file is mostly missed because of an error before.
  const end = text.trimEnd().length;
  const errors = [...document.errors, ...document.warnings].filter(({ pos }, index) => index === 0 || pos[0] < end);
  for (const { code, message, pos } of errors.slice(0, MAX_SYNTAX_PROBLEMS)) {
    const isQuote = code === 'MISSING_CHAR' && message.startsWith('Missing closing');
    const open = isQuote || code === 'BAD_INDENT' ? openUntil(document.contents, pos[0], isQuote) : undefined;
    const hint = open === undefined ? (SYNTAX_HINTS[code] ?? GENERAL_HINT) : closeHint(text, open, lines);
    // The composer is recursive; deep indentation exhausts its stack.
    if (code === 'RESOURCE_EXHAUSTION') {
      report(at(pos[0], pos[1]), 'LIMIT', 'The file is nested too deeply.', `At most ${MAX_DEPTH} levels are read.`);
      break;
    }
    report(at(pos[0], pos[1]), 'SYNTAX', `This is no valid YAML: ${message}.`.replace(/\.\.$/, '.'), hint);
  }
  if (problems.length) return { root: undefined, problems, lines };

  const anchors = new Map<string, { readonly node: SourceNode; readonly size: number; readonly depth: number }>();
  let count = 0;
  let full = false;

  function spend(nodes: number, depth: number, spot: Spot): boolean {
    count += nodes;
    if (!full && (count > MAX_NODES || depth > MAX_DEPTH)) {
      full = true;
      const what =
        depth > MAX_DEPTH ? `${MAX_DEPTH} levels` : `${MAX_NODES} values, aliases counted with all they stand for`;
      report(spot, 'LIMIT', `The file has more than ${what}.`, 'Split it, or use fewer aliases.');
    }
    return !full;
  }

  /** The node and how many levels it has. */
  function convert(yaml: unknown, spot: Spot, depth: number): { readonly node: SourceNode; readonly depth: number } {
    const nothing: SourceNode = { ...spot, kind: 'scalar', value: null, source: '' };
    if (!spend(1, depth, spot)) return { node: nothing, depth: 1 };
    if (isAlias(yaml)) {
      const target = anchors.get(yaml.source);
      if (!target)
        report(spot, 'SYNTAX', `Nothing above is anchored as &${yaml.source}.`, 'Write the anchor before its alias.');
      else if (spend(target.size, depth + target.depth - 1, spot)) return target;
      return { node: nothing, depth: 1 };
    }
    const before = count;
    let node: SourceNode = nothing;
    let deepest = 0;
    const child = (value: unknown, place: Spot): SourceNode => {
      const made = convert(value, place, depth + 1);
      deepest = Math.max(deepest, made.depth);
      return made.node;
    };
    if (isMap(yaml)) {
      const entries = new Map<string, MapEntry>();
      const map: SourceNode = { ...spot, kind: 'map', entries };
      node = map;
      for (const { key: name, value } of yaml.items) {
        const [start, end] = rangeOf(name, spot.start);
        if (!isScalar(name) || typeof name.value !== 'string') {
          report(
            { start, end, parent: spot.parent, key: spot.key },
            'TYPE',
            'A key has to be a text.',
            'Write the key out.',
          );
          continue;
        }
        const key = name.value;
        const named = { start, end, parent: map, key };
        if (key === '<<') {
          report(named, 'MEMBER', 'Merge keys (<<) are not read.', 'Repeat the members, or alias a whole value.');
        } else if (entries.has(key)) {
          report(named, 'DUPLICATE', `${JSON.stringify(key)} stands here twice.`, 'Remove one of the two.');
        } else {
          const [from, to] = rangeOf(value, end);
          entries.set(key, {
            name: { ...named, kind: 'scalar', value: key, source: key },
            value: child(value, { start: from, end: to, parent: map, key }),
          });
        }
      }
    } else if (isSeq(yaml)) {
      const items: SourceNode[] = [];
      const list: SourceNode = { ...spot, kind: 'list', items };
      node = list;
      for (const item of yaml.items) {
        const [start, end] = rangeOf(item, spot.start);
        items.push(child(item, { start, end, parent: list, key: items.length }));
      }
    } else if (isScalar(yaml)) {
      const { value } = yaml;
      if (typeof value === 'number' && !Number.isFinite(value)) {
        report(spot, 'VALUE', 'Numbers have to be finite.', 'Quote it if it is a text.');
      } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        report(spot, 'VALUE', 'The number is too large to be exact.', 'Quote it, so that it is a text.');
      } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
        node = { ...spot, kind: 'scalar', value, source: yaml.source ?? String(value) };
      }
    }
    const parsed = yaml as { readonly tag?: string; readonly anchor?: string } | null;
    if (parsed?.tag !== undefined && !CORE_TAGS.has(parsed.tag)) {
      report(spot, 'SYNTAX', `The tag ${parsed.tag} is not read.`, SYNTAX_HINTS['TAG_RESOLVE_FAILED']!);
    }
    const made = { node, depth: deepest + 1 };
    if (parsed?.anchor !== undefined) anchors.set(parsed.anchor, { ...made, size: count - before + 1 });
    return made;
  }

  const { node } = convert(document.contents, at(...rangeOf(document.contents, 0)), 1);
  return { root: full ? undefined : node, problems, lines };
}

function rangeOf(yaml: unknown, fallback: number): readonly [start: number, end: number] {
  const range = (yaml as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range ? [range[0]!, range[1]!] : [fallback, fallback + 1];
}

// The parser notices a missing bracket or quote where something else begins, often lines below.
function closeHint(text: string, start: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(start);
  return `Close the ${text[start]} that opens at ${line}:${col}.`;
}
