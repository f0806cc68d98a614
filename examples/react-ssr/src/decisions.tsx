import { useFlagDetails } from '@flags/react';
import { defaults } from './flags.ts';

// A component for each flag, so that a change renders one row.
function Row({ flag }: { readonly flag: keyof FlagTypes }) {
  const { value, variant, reason, ruleId, source } = useFlagDetails(flag, defaults[flag]);
  const why = ruleId ?? reason.toLowerCase().replaceAll('_', ' ');
  return (
    <tr>
      <th scope="row">{flag}</th>
      <td>
        <code>{JSON.stringify(value)}</code>
      </td>
      <td>{variant ?? '–'}</td>
      <td>{why}</td>
      <td>{source ?? 'default'}</td>
    </tr>
  );
}

const FLAGS = Object.keys(defaults) as readonly (keyof FlagTypes)[];

/** Why the page looks as it does: for this example; users of a real shop do not want to know. */
export function Decisions() {
  return (
    <section aria-labelledby="decisions">
      <h2 id="decisions">Why it looks like this</h2>
      {/* Narrow screens scroll it, with the keyboard too. */}
      <div className="scroll" tabIndex={0} role="group" aria-labelledby="decisions">
        <table className="decisions">
          <thead>
            <tr>
              <th scope="col">Flag</th>
              <th scope="col">Value</th>
              <th scope="col">Variation</th>
              <th scope="col">Because of</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {FLAGS.map((flag) => (
              <Row key={flag} flag={flag} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
