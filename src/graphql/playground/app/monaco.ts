// Imported here so that its styles become part of the page's own sheet; GraphiQL imports the same module lazily.
import 'monaco-graphql/esm/monaco-editor.js';

interface MonacoHost {
  MonacoEnvironment: { getWorker(workerId: string, label: string): Worker };
}

/** Tells Monaco where its workers are: files of this origin, because the CSP refuses the blobs it makes otherwise. */
(globalThis as unknown as MonacoHost).MonacoEnvironment = {
  getWorker(_workerId, label) {
    const file = label === 'graphql' || label === 'json' ? WORKER_FILES[label] : WORKER_FILES.editor;
    return new Worker(new URL(file, import.meta.url), { name: label });
  },
};
