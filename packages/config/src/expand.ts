import { checkRuleset } from './check-ruleset.ts';
import { checkClientEntries } from './client-view.ts';
import { MAX_FILE_BYTES } from './bounds.ts';
import { readDocument } from './document.ts';
import { createExpansion, type Expansion } from './expansion.ts';
import { expandFlag, type FlagBody, type ReadFlag, readOutline } from './flag.ts';
import { type FileProblem, fileProblem } from './problem.ts';
import { checkMembers, memberOf, readMap, readText } from './read.ts';
import { expandSegment, type SegmentBody } from './segment.ts';
import type { SourceNode, Spot } from './source.ts';
import { createZoneBook } from './zone-book.ts';
import type { ZoneTable } from './zone.ts';

/** What a flag file says, expanded: a ruleset that has no history yet. */
export interface FlagEntries {
  readonly environment: string;
  readonly flags: ReadonlyMap<string, FlagBody>;
  readonly segments: ReadonlyMap<string, SegmentBody>;
  /** The offsets of every time zone the file names. */
  readonly zones: ReadonlyMap<string, ZoneTable>;
}

/** How a flag file is read. */
export interface ParseOptions {
  /** Name of the file in problems; `flags.yaml` when absent. */
  readonly file?: string;
  /** Epoch ms; the year a new zone's offsets begin in. The clock when absent. */
  readonly now?: number;
  /** The hashes, besides the built-in one, that those who evaluate have. When absent the file may name any. */
  readonly bucketers?: readonly string[];
  /** Offsets that were locked before; they are used as they are. */
  readonly zones?: ReadonlyMap<string, ZoneTable>;
}

/** Either what the file says, or every problem in it. */
export type ParseResult =
  | { readonly ok: true; readonly entries: FlagEntries; readonly warnings: readonly FileProblem[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/** Members of the file. */
export const FILE_MEMBERS: readonly string[] = ['$schema', 'environment', 'flags', 'segments'];

/** Reads the text of a flag file (YAML or JSON), expands its shorthand and checks the result. Never throws for bad content. */
export function parseFlagFile(text: string, options: ParseOptions = {}): ParseResult {
  const { file = 'flags.yaml', now = Date.now(), zones: locked = new Map<string, ZoneTable>() } = options;
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    const problem = fileProblem(
      'error',
      file,
      'LIMIT',
      'The file is larger than 5 MiB.',
      'Split it, or move long lists out of it.',
    );
    return { ok: false, problems: [problem] };
  }
  const document = readDocument(text);
  const outlines = new Map<string, ReadFlag>();
  const segmentNodes = new Map<string, SourceNode>();
  const zones = createZoneBook(locked, now);
  const expansion = createExpansion(document.lines, zones, outlines, segmentNodes, document.problems);
  const entries = document.root && expandFile(expansion, document.root, outlines, segmentNodes, options.bucketers);

  const problems = expansion.problems
    .map((problem): FileProblem => ({ ...problem, file }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  if (!entries || problems.some(({ severity }) => severity === 'error')) return { ok: false, problems };
  return { ok: true, entries: { ...entries, zones: zones.used() }, warnings: problems };
}

function expandFile(
  expansion: Expansion,
  root: SourceNode,
  outlines: Map<string, ReadFlag>,
  segmentNodes: Map<string, SourceNode>,
  bucketers: readonly string[] | undefined,
): Omit<FlagEntries, 'zones'> | undefined {
  const hint = 'Begin with flags: and the flags below it, indented.';
  const file = readMap(expansion, root, 'A flag file', hint);
  if (!file) return undefined;
  checkMembers(expansion, file, FILE_MEMBERS, 'a flag file');
  const [flagsNode, segmentsNode, environmentNode] = ['flags', 'segments', 'environment'].map((name) =>
    memberOf(file, name),
  );
  if (!flagsNode) expansion.fail(root, 'MEMBER', 'The file has no flags.', hint);
  const environment = (environmentNode && readText(expansion, environmentNode, 'environment')) ?? 'production';

  const flagMap = flagsNode && readMap(expansion, flagsNode, 'flags', 'Write flags: { new-checkout: true }.');
  const segmentMap =
    segmentsNode && readMap(expansion, segmentsNode, 'segments', 'Write segments: { beta: [user-1] }.');
  // All names first: flags and segments refer to each other.
  for (const [key, { value }] of segmentMap?.entries ?? []) segmentNodes.set(key, value);
  for (const [key, { value }] of flagMap?.entries ?? []) outlines.set(key, readOutline(expansion, value));

  const segments = new Map<string, SegmentBody>();
  for (const [key, node] of segmentNodes) segments.set(key, expandSegment(expansion, key, node));
  const flags = new Map<string, FlagBody>();
  for (const [key, outline] of outlines) flags.set(key, expandFlag(expansion, key, outline));

  const names = new Map<string, Spot>();
  for (const [key, { name }] of segmentMap?.entries ?? []) names.set(`segments/${key}`, name);
  for (const [key, { name }] of flagMap?.entries ?? []) names.set(`flags/${key}`, name);
  if (environmentNode) names.set('environment', environmentNode);
  checkRuleset(expansion, { environment, flags, segments, names, bucketers });
  checkClientEntries(expansion, flags, segments, names);
  return { environment, flags, segments };
}
