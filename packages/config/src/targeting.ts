import { createHash } from 'node:crypto';
import type { Condition, Prerequisite, Rule, Target } from '@flags/core';
import { canonicalize } from './canonical.ts';
import { expandCondition } from './condition.ts';
import type { Expansion, FlagOutline } from './expansion.ts';
import { checkMembers, expanded, memberOf, present, readList, readMap, readName, readNames, readText } from './read.ts';
import { expandServe } from './serve.ts';
import { describe, type SourceNode } from './source.ts';
import { suggest } from './suggest.ts';
import { readVariation } from './variation.ts';

/** Members of a rule. */
export const RULE_MEMBERS: readonly string[] = ['id', 'description', 'if', 'serve'];

/** Expands `{ other-flag: on }`, `{ other-flag: [on, half] }`, or the list of the ruleset. */
export function expandPrerequisites(expansion: Expansion, node: SourceNode): Prerequisite[] {
  const hint = 'Write { other-flag: on }.';
  const written: { readonly flag: SourceNode; readonly variations: SourceNode; readonly at: SourceNode }[] = [];
  if (node.kind === 'list') {
    for (const item of node.items) {
      const map = readMap(expansion, item, 'A prerequisite', hint);
      if (!map) continue;
      checkMembers(expansion, map, ['flag', 'variations'], 'a prerequisite');
      const [flag, variations] = [memberOf(map, 'flag'), memberOf(map, 'variations')];
      if (flag && variations) written.push({ flag, variations, at: item });
      else expansion.fail(item, 'MEMBER', 'A prerequisite in a list has a flag and variations.', hint);
    }
  } else {
    const map = readMap(expansion, node, 'prerequisites', hint);
    for (const { name, value } of map?.entries.values() ?? [])
      written.push({ flag: name, variations: value, at: name });
  }
  const result = written.map(({ flag, variations, at }): Prerequisite | undefined => {
    const key = readName(expansion, flag, 'The flag of a prerequisite');
    if (key === undefined) return undefined;
    const outline = expansion.flags.get(key);
    if (!outline) {
      const near = suggest(key, expansion.flags.keys(), 'flags', expansion.problems.length);
      return expansion.fail(flag, 'FLAG', `There is no flag ${JSON.stringify(key)}.`, near);
    }
    const items = variations.kind === 'list' ? variations.items : [variations];
    if (!items.length) return expansion.fail(variations, 'VALUE', 'The list is empty, so it is never met.', hint);
    const names = items.map((item) => readVariation(expansion, outline, item));
    if (!names.every((name) => name !== undefined)) return undefined;
    return expansion.from({ flag: key, variations: names }, at, { flag, variations });
  });
  return expanded(result);
}

/** Expands `{ on: [user-1] }`, `{ on: { by: org.id, keys: [acme] } }`, or the list of the ruleset. */
export function expandTargets(expansion: Expansion, outline: FlagOutline, node: SourceNode): Target[] {
  const hint = 'Write { on: [user-1, user-2] }.';
  const target = (
    variationNode: SourceNode,
    keysNode: SourceNode,
    byNode: SourceNode | undefined,
  ): Target | undefined => {
    const variation = readVariation(expansion, outline, variationNode);
    const keys = readNames(expansion, keysNode, 'keys');
    const by = byNode && readText(expansion, byNode, 'by');
    if (variation === undefined || !keys) return undefined;
    return expansion.from(present<Target>({ variation, keys, by }), variationNode, {
      variation: variationNode,
      keys: keysNode,
      by: byNode,
    });
  };
  const targets: (Target | undefined)[] = [];
  if (node.kind === 'list') {
    for (const item of node.items) {
      const map = readMap(expansion, item, 'A target', hint);
      if (!map) continue;
      checkMembers(expansion, map, ['variation', 'keys', 'by'], 'a target');
      const [variation, keys] = [memberOf(map, 'variation'), memberOf(map, 'keys')];
      if (variation && keys) targets.push(target(variation, keys, memberOf(map, 'by')));
      else expansion.fail(item, 'MEMBER', 'A target in a list has a variation and keys.', hint);
    }
  } else {
    const map = readMap(expansion, node, 'targets', hint);
    for (const { name, value } of map?.entries.values() ?? []) {
      if (value.kind !== 'map') {
        targets.push(target(name, value, undefined));
        continue;
      }
      checkMembers(expansion, value, ['keys', 'by'], 'a target');
      const keys = memberOf(value, 'keys');
      if (keys) targets.push(target(name, keys, memberOf(value, 'by')));
      else expansion.fail(value, 'MEMBER', 'The target has no keys.', 'Write { by: org.id, keys: [acme] }.');
    }
  }
  return expanded(targets);
}

/** Expands the list of `{ id?, if, serve }`. */
export function expandRules(expansion: Expansion, outline: FlagOutline, off: string, node: SourceNode): Rule[] {
  const list = readList(expansion, node, 'rules', 'Write - { if: { plan: pro }, serve: on }.');
  const ids = new Map<string, string>();
  const rules = list?.items.map((item): Rule | undefined => {
    const map = readMap(expansion, item, 'A rule', 'Write { if: { plan: pro }, serve: on }.');
    if (!map) return undefined;
    checkMembers(expansion, map, RULE_MEMBERS, 'a rule');
    const [idNode, ifNode, serveNode, text] = ['id', 'if', 'serve', 'description'].map((name) => memberOf(map, name));
    if (text) readText(expansion, text, 'The description');
    const id = idNode && readName(expansion, idNode, 'The id of a rule');
    if (!ifNode)
      expansion.fail(item, 'MEMBER', 'The rule has no if.', "What everyone else gets is the flag's own serve.");
    if (!serveNode) expansion.fail(item, 'MEMBER', 'The rule has no serve.', 'Say what it serves: serve: on.');
    const before = expansion.problems.length;
    const when = ifNode && expandCondition(expansion, ifNode);
    const isWhole = expansion.problems.length === before;
    // What a broken rule would serve does not matter; its condition is checked all the same.
    const serve = (serveNode && expandServe(expansion, outline, off, serveNode)) ?? { variation: off };
    if (!when) return undefined;
    const condition = nameCondition(when);
    const unique = id ?? condition;
    const double = isWhole || id !== undefined ? ids.get(unique) : undefined;
    if (double !== undefined && id !== undefined) {
      return expansion.fail(idNode!, 'DUPLICATE', `Two rules have the id ${JSON.stringify(id)}.`, 'Give each its own.');
    }
    // What is left of a broken condition may look like another.
    if (isWhole && [...ids.values()].includes(condition)) {
      const why = 'A rule above has the same condition, so this one is never reached.';
      if (double !== undefined) return expansion.fail(ifNode, 'DUPLICATE', why, 'Remove one of the two.');
      expansion.warn(ifNode, 'DUPLICATE', why, 'Remove one of the two.');
    }
    ids.set(unique, condition);
    return expansion.from({ id: unique, when, serve }, item, { id: idNode, when: ifNode, serve: serveNode });
  });
  return expanded(rules ?? []);
}

/**
 * A name for a rule that has none: it follows from the condition alone, so it stays when rules are moved or serve something
 * else. Offsets are left out: they are the zone's, and may be renewed.
 */
function nameCondition(when: Condition): string {
  const text = canonicalize(
    JSON.parse(JSON.stringify(when, (key, value: unknown) => (key === 'offsets' ? undefined : value))),
  );
  return `rule-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** Expands `metadata`. */
export function expandMetadata(
  expansion: Expansion,
  node: SourceNode,
): Readonly<Record<string, string | number | boolean>> | undefined {
  const map = readMap(expansion, node, 'metadata', 'Write { team: checkout }.');
  if (!map) return undefined;
  const metadata = Object.create(null) as Record<string, string | number | boolean>;
  for (const [name, { value }] of map.entries) {
    if (value.kind === 'scalar' && value.value !== null) metadata[name] = value.value;
    else {
      const message = `Metadata are texts, numbers and booleans, not ${describe(value)}.`;
      expansion.fail(value, 'TYPE', message, 'Use a flag of type object for structured values.');
    }
  }
  return expansion.from(metadata, node);
}
