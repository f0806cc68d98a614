/** A stretch of the file, and where it stands in the file's structure. */
export interface Spot {
  /** Offset of the first character. */
  readonly start: number;
  /** Offset behind the last character. */
  readonly end: number;
  readonly parent: SourceNode | undefined;
  /** Member or index in the parent. */
  readonly key: string | number | undefined;
}

/** A single value, with the text it was written as. */
export interface ScalarNode extends Spot {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, without quotes: `2.10` stays `2.10`, although its value is 2.1. */
  readonly source: string;
}

/** A list. */
export interface ListNode extends Spot {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
}

/** A mapping in the order of the file. Any name is an ordinary key of it. */
export interface MapNode extends Spot {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** A member of a mapping: its name and its value, each with its place. */
export interface MapEntry {
  readonly name: ScalarNode;
  readonly value: SourceNode;
}

/** Any part of a flag file: what YAML and JSON have in common, with places. */
export type SourceNode = ScalarNode | ListNode | MapNode;

/** The members and indexes that lead to the spot. */
export function pathOf(spot: Spot): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Spot | undefined = spot; at?.key !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}

/** What a person would call the node: `a list`, `the text "x"`, `nothing`. */
export function describe(node: SourceNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'string') return `the text ${JSON.stringify(shorten(node.value))}`;
  return typeof node.value === 'number' ? `the number ${shorten(node.source)}` : `the boolean ${node.value}`;
}

/** The text, cut where it would swamp a message. */
function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
