import { Suspense, useState } from 'react';
import { useFlag } from '@flags/react';
import { Checkout } from './checkout.tsx';
import { Products } from './products-list.tsx';
import { ConnectionStatus } from './connection-status.tsx';
import { Suggestions } from './suggestions.tsx';
import { UserSwitch } from './user-switch.tsx';
import { userOf } from './users.ts';
import { Decisions } from './decisions.tsx';
import { FlagPanel } from './flag-panel.tsx';
import { defaults } from './flags.ts';
import type { Basket, Product } from './products.ts';

interface Given {
  readonly userId: string;
  readonly suggestions: Promise<readonly Product[]> | undefined;
}

/** What is between the page's head and its foot. */
export function Shop({ userId, suggestions }: Given) {
  // Kept in the page: a flag that changes must not cost anyone their basket.
  const [basket, setBasket] = useState<Basket>({ morning: 1 });
  const add = (id: string): void => setBasket((before) => ({ ...before, [id]: (before[id] ?? 0) + 1 }));
  const [user, setUser] = useState(userId);
  const { name, about } = userOf(user);
  const hasChat = useFlag('live-chat', defaults['live-chat']);
  return (
    <>
      <header className="bar">
        <span className="brand">Corner Coffee</span>
        <ConnectionStatus />
        <UserSwitch userId={user} onChoose={setUser} />
      </header>
      <main>
        <h1>{useFlag('welcome-text', defaults['welcome-text'])}</h1>
        <p className="quiet who">
          You are {name}: {about}.
        </p>
        <div className="columns">
          <div>
            <Products onAdd={add} />
            <Suspense fallback={<p className="quiet late">Looking for what goes well with it …</p>}>
              <Suggestions loaded={suggestions} />
            </Suspense>
          </div>
          <Checkout basket={basket} />
        </div>
        <Decisions />
      </main>
      <footer>
        {hasChat ? 'We are here: chat with us until 17:00.' : 'Our chat is open on weekdays, 9:00 to 17:00 in Berlin.'}
      </footer>
      <FlagPanel />
    </>
  );
}
