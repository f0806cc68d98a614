import { useRef, useState, useSyncExternalStore } from 'react';
import type { ReactElement } from 'react';
import { FIRST_VIEW, FlagList } from './flag-list.tsx';
import type { OverrideLayer } from './override-layer.ts';

/** What the panel works on. */
export interface PanelProps {
  readonly layer: OverrideLayer;
}

/** The button in the corner, which says how many flags are overridden, and the panel that it opens. */
export function Panel({ layer }: PanelProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  // Kept here, so that the panel opens as it was closed.
  const [view, setView] = useState(FIRST_VIEW);
  const opener = useRef<HTMLButtonElement>(null);
  useSyncExternalStore(layer.subscribe, layer.version);
  const count = layer.overrides().size;
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <aside aria-label="Feature flags of this page">
      {isOpen && (
        <section
          id="panel"
          className="panel"
          role="dialog"
          aria-labelledby="title"
          onKeyDown={({ key }) => {
            if (key === 'Escape') close();
          }}
        >
          <header>
            <h2 id="title">Feature flags</h2>
            <button type="button" className="close" aria-label="Close" onClick={close}>
              <span aria-hidden="true">×</span>
            </button>
          </header>
          <Status layer={layer} />
          <FlagList layer={layer} view={view} onView={(change) => setView((known) => ({ ...known, ...change }))} />
        </section>
      )}
      <button
        ref={opener}
        type="button"
        className={count > 0 ? 'opener overridden' : 'opener'}
        aria-expanded={isOpen}
        aria-controls={isOpen ? 'panel' : undefined}
        onClick={() => (isOpen ? close() : setOpen(true))}
      >
        <span aria-hidden="true">⚑</span> Flags {count > 0 && <span className="badge">{count} overridden</span>}
      </button>
    </aside>
  );
}

function Status({ layer }: PanelProps): ReactElement | undefined {
  const client = layer.client();
  if (!client) return undefined;
  const { state, source, stale, message } = client.status();
  const facts = [state, source && `flags from ${source}`, stale && 'may be out of date'];
  return (
    <div className="status">
      <p>
        {facts.filter(Boolean).join(' · ')}
        {message !== undefined && <> · {message}</>}
      </p>
      <details>
        <summary>Context</summary>
        <pre tabIndex={0}>{contextText(client.context())}</pre>
      </details>
    </div>
  );
}

function contextText(context: unknown): string {
  try {
    return JSON.stringify(context, undefined, 2);
  } catch {
    return 'It contains itself, and cannot be shown.';
  }
}
