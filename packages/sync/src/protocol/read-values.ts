import type { FlagReading, Values } from './message.ts';
import { comparePositions, parsePosition } from './position.ts';
import type { Members } from './reader.ts';
import { isAmount, isObject } from './reader.ts';

/** Reads the data of `VALUES`. */
export function readValues(data: Members): Values | string {
  const position = parsePosition(data['position']);
  if (position === undefined) return '`position` is not a position';
  const from = data['from'] === undefined ? undefined : parsePosition(data['from']);
  if (data['from'] !== undefined && from === undefined) return '`from` is not a position';
  if (from !== undefined && (from.epoch !== position.epoch || comparePositions(from, position) > 0)) {
    return '`from` is after `position`';
  }
  const { values } = data;
  // There is no compiler behind this one that sets a broken entry aside.
  if (!isObject(values) || !Object.values(values).every((value) => value === null || isReading(value))) {
    return '`values` is not an object of readings';
  }
  const readings = values as Readonly<Record<string, FlagReading | null>>;
  return { type: 'VALUES', ...(from === undefined ? {} : { from }), position, values: readings };
}

function isReading(value: unknown): boolean {
  if (!isObject(value) || !Object.hasOwn(value, 'value') || typeof value['reason'] !== 'string') return false;
  const { variation, version } = value;
  const isText = (name: string): boolean => value[name] === undefined || typeof value[name] === 'string';
  return (
    ['variant', 'experiment', 'errorCode', 'ruleId'].every(isText) &&
    (variation === undefined || isAmount(variation)) &&
    (version === undefined || isAmount(version))
  );
}
