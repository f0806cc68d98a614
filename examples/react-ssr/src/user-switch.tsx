import type { MouseEvent } from 'react';
import { useFlagStatus, useSetContext } from '@flags/react';
import { users, type User } from './users.ts';

interface Given {
  readonly userId: string;
  readonly onChoose: (id: string) => void;
}

/**
 * Someone else signs in. Where the page has the rules, they are evaluated anew at once; where it has not, or runs no scripts,
 * the form asks the server for another page.
 */
export function UserSwitch({ userId, onChoose }: Given) {
  const setContext = useSetContext();
  const { source } = useFlagStatus();
  const hasRules = source === 'network' || source === 'cache';
  const choose = (event: MouseEvent, user: User): void => {
    if (!hasRules) return;
    event.preventDefault();
    onChoose(user.id);
    void setContext(user.context);
    // For the next page.
    document.cookie = `user=${user.id}; path=/; samesite=lax`;
  };
  return (
    <form method="post" action="/user" className="users">
      <fieldset>
        <legend className="unseen">Signed in as</legend>
        {users.map((user) => (
          <button
            key={user.id}
            name="user"
            value={user.id}
            title={user.about}
            aria-pressed={user.id === userId}
            onClick={(event) => choose(event, user)}
          >
            {user.name}
          </button>
        ))}
      </fieldset>
    </form>
  );
}
