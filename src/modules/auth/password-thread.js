/**
 * Hashes and compares passwords in a thread of its own, one at a time. Plain JavaScript, so that it runs as it stands
 * from the sources as well as from the build.
 */
const { setPriority } = require('node:os');
const { parentPort, workerData } = require('node:worker_threads');
const { hashSync, verifySync } = require('@node-rs/argon2');

// On Linux 0 stands for the calling thread alone (setpriority(2)); elsewhere it is the process, which must stay quick.
if (process.platform === 'linux') setPriority(0, workerData.niceness);

/** A stored text that cannot be compared with matches nothing. */
function matches(passwordHash, password) {
  try {
    return verifySync(passwordHash, password);
  } catch {
    return false;
  }
}

function run({ password, passwordHash, parameters }) {
  if (passwordHash !== undefined) return { value: matches(passwordHash, password) };
  try {
    return { value: hashSync(password, parameters) };
  } catch (error) {
    return { error: error.message };
  }
}

parentPort.on('message', (work) => parentPort.postMessage(run(work)));
