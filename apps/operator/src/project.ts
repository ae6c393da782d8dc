import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the nearest folder above with a package.json, from the sources and from dist/ alike. */
export const projectRoot: string = above(dirname(fileURLToPath(import.meta.url)));

function above(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : above(dirname(folder));
}

/** Where a start keeps its database, logs, spool and lock: `.boxtrail` in the checkout, or BOXTRAIL_STATE_DIR. */
export function stateDirOf(env: NodeJS.ProcessEnv): string {
  const named = env['BOXTRAIL_STATE_DIR'];
  return named === undefined || named === '' ? join(projectRoot, '.boxtrail') : resolve(named);
}

/** The built entry of an app. */
export function builtMain(app: 'server' | 'gateway' | 'simulator'): string {
  return join(projectRoot, 'dist', 'apps', app, 'src', 'main.js');
}
