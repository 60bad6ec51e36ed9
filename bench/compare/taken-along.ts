import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A run that is interrupted takes this child along. @returns what to call when it has ended or is told to. */
export function takeAlong(child: ChildProcess): () => void {
  children.add(child);
  return () => children.delete(child);
}
