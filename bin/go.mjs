import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { install } from './install.mjs';
import { alone } from './alone.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Which file answers a first word; every other word is a command of the operator's tool. */
const ENTRIES = {
  test: { file: 'test/run.mjs', built: false },
  bench: { file: 'dist/test/bench/run.js', built: true },
};
const OPERATOR = { file: 'dist/apps/operator/src/main.js', built: true };

/** Installs and builds what is missing, then runs the entry in this process, so that signals and exit codes are its own. */
export async function go([word, ...rest]) {
  const entry = Object.hasOwn(ENTRIES, word ?? '') ? ENTRIES[word] : OPERATOR;
  await alone(root, () => {
    install(root);
    // the suite builds in a step of its own, so that a fault in the build is one failed step
    if (entry.built) build(root);
  });
  const file = join(root, entry.file);
  process.argv = [process.execPath, file, ...(entry === OPERATOR && word !== undefined ? [word] : []), ...rest];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file).href);
}
