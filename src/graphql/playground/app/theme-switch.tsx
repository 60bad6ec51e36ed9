import { Tooltip, UnStyledButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useSyncExternalStore } from 'react';

const systemPrefersDark = matchMedia('(prefers-color-scheme: dark)');

function subscribeToSystem(listener: () => void): () => void {
  systemPrefersDark.addEventListener('change', listener);
  return () => systemPrefersDark.removeEventListener('change', listener);
}

/**
 * Switches between dark and light; GraphiQL remembers the choice and its settings dialog can undo it. Until a choice
 * is made the page follows the system, also while it is open.
 */
export function ThemeSwitch() {
  const { setTheme } = useGraphiQLActions();
  const chosen = useGraphiQL((state) => state.theme);
  const systemIsDark = useSyncExternalStore(subscribeToSystem, () => systemPrefersDark.matches);

  // GraphiQL's style sheet follows the system by itself, but the editors' theme has to be set again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the system changes, not when the reader chooses.
  useEffect(() => {
    if (chosen === null) {
      setTheme(null);
    }
  }, [systemIsDark]);

  const isDark = chosen === null ? systemIsDark : chosen === 'dark';
  const label = isDark ? 'Use the light theme' : 'Use the dark theme';
  return (
    <Tooltip label={label}>
      <UnStyledButton
        type="button"
        className="theme-switch"
        aria-label={label}
        onClick={() => setTheme(isDark ? 'light' : 'dark')}
      >
        {isDark ? <SunIcon /> : <MoonIcon />}
      </UnStyledButton>
    </Tooltip>
  );
}

function SunIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="4.2" />
      <path d="M12 2.5v2.6M12 18.9v2.6M2.5 12h2.6M18.9 12h2.6M5.3 5.3l1.8 1.8M16.9 16.9l1.8 1.8M5.3 18.7l1.8-1.8M16.9 7.1l1.8-1.8" />
    </svg>
  );
}

function MoonIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2Z" />
    </svg>
  );
}
