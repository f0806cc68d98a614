import { useEffect, useId, useReducer } from 'react';
import type { ReactElement } from 'react';
import type { ContextClient } from '@flags/sync';
import { FlagItem } from './flag-item.tsx';
import type { FlagFacts } from './flag-facts.ts';
import { listFlags } from './flag-facts.ts';
import type { OverrideLayer } from './override-layer.ts';

/** More are not looked through by scrolling. */
const SHOWN = 200;

const FILTERS = { all: 'All', page: 'On this page', overridden: 'Overridden' } as const;
type Filter = keyof typeof FILTERS;

/** What of the flags is shown. */
export interface View {
  readonly search: string;
  readonly filter: Filter;
  /** Keys of those that are open. */
  readonly open: ReadonlySet<string>;
}

/** What is shown at first. */
export const FIRST_VIEW: View = { search: '', filter: 'all', open: new Set() };

/** What the list works on. */
export interface FlagListProps {
  readonly layer: OverrideLayer;
  readonly view: View;
  readonly onView: (change: Partial<View>) => void;
}

/** Every flag, searched and filtered, and what is done to all. */
export function FlagList({ layer, view, onView }: FlagListProps): ReactElement {
  const { search, filter, open } = view;
  const id = useId();
  const flags = listFlags(layer);
  const found = flags.filter((flag) => matches(flag, view));
  const shown = found.slice(0, SHOWN);
  useTime(layer.client(), shown);
  const overridden = layer.overrides().size;
  return (
    <>
      <div className="tools">
        <label htmlFor={id} className="quiet">
          Search flags
        </label>
        {/* The panel was just opened, to look for something. */}
        <input
          id={id}
          type="search"
          placeholder="Search by key, value or variation"
          autoFocus
          value={search}
          onChange={({ target }) => onView({ search: target.value })}
        />
        <div role="group" aria-label="Show" className="filters">
          {Object.entries(FILTERS).map(([name, text]) => (
            <button
              key={name}
              type="button"
              aria-pressed={filter === name}
              onClick={() => onView({ filter: name as Filter })}
            >
              {text}
            </button>
          ))}
        </div>
        <button type="button" aria-disabled={overridden === 0} onClick={() => overridden > 0 && layer.reset()}>
          Reset all
        </button>
      </div>
      <p role="status" className="count">
        {found.length} of {flags.length} flags{overridden > 0 && `, ${overridden} overridden`}
        {found.length > shown.length && `; the first ${SHOWN} are shown, search for the others`}
      </p>
      <ul>
        {shown.map((flag) => (
          <FlagItem
            key={flag.key}
            flag={flag}
            layer={layer}
            isOpen={open.has(flag.key)}
            onOpen={(isOpen) => onView({ open: withKey(open, flag.key, isOpen) })}
          />
        ))}
      </ul>
    </>
  );
}

function matches({ key, value, variant, isRead, isOverridden }: FlagFacts, { search, filter }: View): boolean {
  if ((filter === 'page' && !isRead) || (filter === 'overridden' && !isOverridden)) return false;
  return [key, variant, JSON.stringify(value)].join('\n').toLowerCase().includes(search.trim().toLowerCase());
}

/** Renders again when time alone changes one of the flags: of that only who listens to a flag hears. */
function useTime(client: ContextClient | undefined, flags: readonly FlagFacts[]): void {
  const [, render] = useReducer((count: number) => count + 1, 0);
  const keys = JSON.stringify(flags.map(({ key }) => key));
  useEffect(() => {
    const stops = (JSON.parse(keys) as string[]).map((key) => client?.subscribe(key as never, render));
    return () => stops.forEach((stop) => stop?.());
  }, [client, keys]);
}

function withKey(keys: ReadonlySet<string>, key: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(keys);
  if (isIn) next.add(key);
  else next.delete(key);
  return next;
}
