import { visitorFlags } from '../../flags/server.ts';
import { defaults } from '../../flags/types.ts';
import { ShipsFree } from './ships-free.tsx';

async function loadSuggestions(): Promise<readonly (readonly [name: string, price: number])[]> {
  // A service that takes its time.
  await new Promise((resolve) => setTimeout(resolve, 250));
  return [
    ['Hand grinder', 64],
    ['Filters', 4.9],
  ];
}

/** What comes late, streamed. Its flags are those of the rest of the page, whatever changed while it was on its way. */
export async function Suggestions() {
  const [flags, suggestions] = await Promise.all([visitorFlags(), loadSuggestions()]);
  const greeted = flags.value('welcome-text', defaults['welcome-text']);
  return (
    <section aria-label={`After “${greeted}”`}>
      <ul>
        {suggestions.map(([name, price]) => (
          <li key={name}>
            {name} €{price} <ShipsFree price={price} />
          </li>
        ))}
      </ul>
    </section>
  );
}
