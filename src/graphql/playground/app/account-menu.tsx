import { ChevronDownIcon, DropdownMenu } from '@graphiql/react';
import { useSyncExternalStore } from 'react';
import type { Session, SessionState } from './session';

/** Shows who requests are sent as, and changes it. Draws nothing without demo accounts. */
export function AccountMenu({ session }: { session: Session }) {
  const state = useSyncExternalStore(session.subscribe, session.snapshot);
  if (session.accounts.length === 0) {
    return null;
  }
  return (
    <DropdownMenu>
      <DropdownMenu.Button className="account-button" data-status={state.status} title={state.problem ?? undefined}>
        <span className="account-dot" aria-hidden="true" />
        <span className="account-label" role="status">
          {describe(state)}
        </span>
        <ChevronDownIcon className="account-chevron" aria-hidden="true" />
      </DropdownMenu.Button>
      <DropdownMenu.Content className="account-menu" align="end">
        <div className="account-heading">Sign in as</div>
        {session.accounts.map((account) => (
          <DropdownMenu.Item
            key={account.handle}
            className="account-item"
            data-current={account === state.account}
            onSelect={() => session.signIn(account)}
          >
            <span className="account-initial" aria-hidden="true">
              {account.name.slice(0, 1)}
            </span>
            <span className="account-text">
              <span className="account-name">
                {account.name} <span className="account-handle">@{account.handle}</span>
              </span>
              <span className="account-note">{account.note}</span>
            </span>
          </DropdownMenu.Item>
        ))}
        <DropdownMenu.Item
          className="account-item account-sign-out"
          disabled={state.account === null}
          onSelect={() => session.signOut()}
        >
          Sign out (anonymous)
        </DropdownMenu.Item>
        {state.problem && (
          <div className="account-problem" role="alert">
            {state.problem}
          </div>
        )}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}

function describe({ account, status }: SessionState) {
  if (!account) {
    return 'Not signed in';
  }
  switch (status) {
    case 'signing-in':
      return `Signing in as ${account.name}…`;
    case 'failed':
      return `Not signed in as ${account.name}`;
    default:
      return (
        <>
          {account.name} <span className="account-handle">@{account.handle}</span>
        </>
      );
  }
}
