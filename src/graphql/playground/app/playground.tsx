import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useMemo } from 'react';
import type { PlaygroundConfig } from '../config';
import { AccountMenu } from './account-menu';
import { exampleTabs } from './example-tabs';
import { createFetcher } from './fetcher';
import type { Session } from './session';
import { ThemeSwitch } from './theme-switch';

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

/** GraphiQL with the operations explorer, the example tabs and the account menu in its header. */
export function Playground({ config, session }: { config: PlaygroundConfig; session: Session }) {
  // GraphiQL introspects again whenever its fetcher is another function.
  const fetcher = useMemo(() => createFetcher(config, session), [config, session]);
  const tabs = useMemo(() => exampleTabs(config.samplePostId), [config]);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={PLUGINS}
      defaultTabs={tabs}
      defaultEditorToolsVisibility="variables"
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <AccountMenu session={session} />
        <ThemeSwitch />
        <span className="brand">Portico</span>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
