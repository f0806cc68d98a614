import { useId } from 'react';
import type { ReactElement } from 'react';
import type { ContextClient } from '@flags/sync';
import { FlagSwitch, shorten, ValueEditor, VariationSelect } from './editors.tsx';
import type { EditorProps } from './editors.tsx';
import type { FlagFacts } from './flag-facts.ts';
import { traceFlag } from './flag-facts.ts';

/** A flag, and whether all there is to know about it is shown. */
export interface FlagItemProps extends EditorProps {
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
}

/** One flag: a line, and below it, when it is open, all there is to know about it. */
export function FlagItem({ flag, layer, isOpen, onOpen }: FlagItemProps): ReactElement {
  const id = useId();
  const { variant, reason, errorCode, version, source } = flag.served;
  const facts = flag.isOverridden
    ? [flag.variant, 'set here']
    : [variant, reason, errorCode, source, version === undefined ? undefined : `v${version}`];
  return (
    <li className={flag.isOverridden ? 'flag overridden' : 'flag'}>
      <div className="line">
        <h3>
          <button
            type="button"
            className="summary"
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            onClick={() => onOpen(!isOpen)}
          >
            <span className="key">{flag.key}</span>{' '}
            <code className="value">{flag.value === null ? '—' : shorten(flag.value)}</code>{' '}
            <span className="facts">{facts.filter((fact) => fact !== undefined).join(' · ')}</span>{' '}
            {flag.isRead && <span className="tag">on this page</span>}{' '}
            {flag.isOverridden && <span className="tag warn">overridden</span>}
          </button>
        </h3>
        {flag.type === 'boolean' && <FlagSwitch flag={flag} layer={layer} />}
      </div>
      {isOpen && (
        <div className="detail" id={id}>
          <Override flag={flag} layer={layer} />
          <Served flag={flag} />
          <Why flag={flag} client={layer.client()} />
        </div>
      )}
    </li>
  );
}

function Override({ flag, layer }: EditorProps): ReactElement {
  return (
    <div role="group" aria-label="Override" className="override">
      {flag.type !== 'boolean' && flag.variations.length > 0 && <VariationSelect flag={flag} layer={layer} />}
      {flag.type !== 'boolean' && (flag.variations.length === 0 || flag.type === 'object') && (
        <ValueEditor flag={flag} layer={layer} />
      )}
      {/* It stays where it is, so that the focus does. */}
      <button type="button" aria-disabled={!flag.isOverridden} onClick={() => flag.isOverridden && layer.set(flag.key)}>
        Reset
      </button>
    </div>
  );
}

function Served({ flag }: { readonly flag: FlagFacts }): ReactElement {
  const { value, variant, reason, ruleId, version, experiment, errorCode, source, stale } = flag.served;
  const facts = {
    Value: errorCode === undefined ? <code>{JSON.stringify(value)}</code> : 'the default of whoever reads it',
    Variation: variant,
    Reason: reason,
    Rule: ruleId,
    Experiment: experiment,
    Error: errorCode,
    Source: source === undefined ? 'nowhere yet' : stale ? `${source}, may be out of date` : source,
    Version: version,
  };
  return (
    <>
      <h4>{flag.isOverridden ? 'Served without the override' : 'Served'}</h4>
      <dl>
        {Object.entries(facts).map(
          ([name, fact]) =>
            fact !== undefined && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{fact}</dd>
              </div>
            ),
        )}
      </dl>
    </>
  );
}

interface WhyProps {
  readonly flag: FlagFacts;
  readonly client: ContextClient | undefined;
}

function Why({ flag, client }: WhyProps): ReactElement | undefined {
  const trace = client && traceFlag(client, flag);
  if (!trace) return undefined;
  return (
    <>
      <h4>Why</h4>
      {trace.type === 'none' && <p>{trace.why}</p>}
      {trace.type === 'lines' && (
        <pre>
          {trace.lines.map((line, index) => (
            <span key={index} className={verdictOf(line)}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
      {trace.type === 'lines' && JSON.stringify(trace.outcome) !== JSON.stringify(flag.served.value) && (
        <p>It is traced by the clock of this machine; the client goes by its server’s, and reads something else.</p>
      )}
    </>
  );
}

function verdictOf(line: string): string | undefined {
  if (/^ *(?:yes: |rule .* matches$)|: met$/.test(line)) return 'yes';
  if (/^ *(?:no: |rule .* does not match$)|: not met$/.test(line)) return 'no';
  return /^ *not reached/.test(line) ? 'skipped' : undefined;
}
