/** The file names of Monaco's workers, put in by the build. They lie beside the bundle. */
declare const WORKER_FILES: Record<'editor' | 'graphql' | 'json', string>;

declare module '*.css';
declare module 'monaco-graphql/esm/monaco-editor.js';
