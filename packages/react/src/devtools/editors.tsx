import { useId, useState } from 'react';
import type { ReactElement } from 'react';
import type { FlagFacts } from './flag-facts.ts';
import type { OverrideLayer } from './override-layer.ts';
import { draftText, parseDraft } from './draft.ts';

/** A flag to override. */
export interface EditorProps {
  readonly flag: FlagFacts;
  readonly layer: OverrideLayer;
}

/** Turns a boolean flag over. */
export function FlagSwitch({ flag, layer }: EditorProps): ReactElement {
  const isOn = flag.value === true;
  const turn = (): void => {
    const variation = flag.variations.findIndex(({ value }) => value === !isOn);
    layer.set(flag.key, { value: !isOn, ...nameOf(flag, variation) });
  };
  return (
    <button type="button" role="switch" className="switch" aria-checked={isOn} onClick={turn}>
      <span className="quiet">Override {flag.key}</span>
    </button>
  );
}

const SERVED = 'served';
const OTHER = 'other';

/** Chooses one of a flag's variations. */
export function VariationSelect({ flag, layer }: EditorProps): ReactElement {
  const id = useId();
  const at = flag.variations.findIndex(({ name }) => name === flag.variant);
  const choose = (chosen: string): void => {
    const variation = flag.variations[Number(chosen)];
    if (chosen === SERVED) layer.set(flag.key);
    else if (variation) layer.set(flag.key, { value: variation.value, ...nameOf(flag, Number(chosen)) });
  };
  const chosen = flag.isOverridden ? (at < 0 ? OTHER : String(at)) : SERVED;
  return (
    <div className="field">
      <label htmlFor={id}>Variation</label>
      <select id={id} value={chosen} onChange={({ target }) => choose(target.value)}>
        <option value={SERVED}>As served ({flag.served.variant ?? 'none'})</option>
        {flag.variations.map(({ name, value }, index) => (
          <option key={name} value={index}>
            {name}: {shorten(value)}
          </option>
        ))}
        {chosen === OTHER && <option value={OTHER}>A value of your own</option>}
      </select>
    </div>
  );
}

/** Edits a value as text. */
export function ValueEditor({ flag, layer }: EditorProps): ReactElement {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const text = draft ?? draftText(flag.type, flag.value);
  const apply = (): void => {
    const parsed = parseDraft(flag.type, text);
    setProblem(parsed.type === 'problem' ? parsed.problem : undefined);
    if (parsed.type === 'problem') return;
    setDraft(undefined);
    layer.set(flag.key, { value: parsed.value });
  };
  const described = problem === undefined ? undefined : `${id}-problem`;
  const field = {
    id,
    value: text,
    spellCheck: false,
    autoComplete: 'off',
    'aria-invalid': problem !== undefined,
    'aria-describedby': described,
  };
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <label htmlFor={id}>{flag.type === 'string' || flag.type === 'number' ? 'Value' : 'Value as JSON'}</label>
      {flag.type === 'string' || flag.type === 'number' ? (
        <input
          {...field}
          inputMode={flag.type === 'number' ? 'decimal' : undefined}
          onChange={({ target }) => setDraft(target.value)}
        />
      ) : (
        <textarea
          {...field}
          rows={Math.min(Math.max(text.split('\n').length, 3), 12)}
          onChange={({ target }) => setDraft(target.value)}
        />
      )}
      <button type="submit">Apply</button>
      {problem !== undefined && (
        <p role="alert" id={described} className="problem">
          {problem}
        </p>
      )}
    </form>
  );
}

function nameOf({ variations }: FlagFacts, variation: number): { variation?: number; variant?: string } {
  const name = variations[variation]?.name;
  return name === undefined ? {} : { variation, variant: name };
}

/** A value in one short line. */
export function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
