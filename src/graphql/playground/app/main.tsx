import './monaco';
import '@graphiql/react/font/roboto.css';
import '@graphiql/react/font/fira-code.css';
import '@graphiql/react/style.css';
import 'graphiql/graphiql.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import './playground.css';
import { createRoot } from 'react-dom/client';
import { loadConfig, loadEditorFont } from './boot';
import { Playground } from './playground';
import { Session } from './session';
import { updateSamplePost } from './stored-tabs';

async function main(root: HTMLElement): Promise<void> {
  const [config] = await Promise.all([loadConfig(), loadEditorFont()]);
  const session = new Session(config);
  session.start();
  updateSamplePost(config.samplePostId);
  createRoot(root).render(<Playground config={config} session={session} />);
}

function showFailure(root: HTMLElement, error: unknown): void {
  const message = document.createElement('p');
  message.className = 'boot-message';
  message.setAttribute('role', 'alert');
  message.textContent = `The playground could not start. ${error instanceof Error ? error.message : String(error)}`;
  root.replaceChildren(message);
}

const root = document.getElementById('root');
if (root) {
  main(root).catch((error: unknown) => showFailure(root, error));
}
