import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An npm peer of `test/bench/package.json`, or why it is missing. */
export type Peer = { readonly module: unknown; readonly version: string } | { readonly missing: string };

/**
 * Loads a peer from `test/bench/node_modules`, also when the bench runs built from `dist`.
 * Install with `npm --prefix test/bench install`.
 */
export function loadPeer(name: string): Peer {
  const root = checkoutRoot();
  const manifest = join(root, 'test/bench/node_modules', name, 'package.json');
  if (!existsSync(manifest)) {
    return { missing: `${name} is not installed: npm --prefix test/bench install` };
  }
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const module: unknown = createRequire(join(root, 'test/bench/package.json'))(name);
  return { module, version };
}

/** The version of one of the product's own packages. */
export function ownVersion(name: string): string {
  const manifest = join(checkoutRoot(), 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

export function checkoutRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (
    !existsSync(join(folder, 'package-lock.json')) ||
    !existsSync(join(folder, 'libs')) ||
    folder.endsWith('dist')
  ) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error('The bench does not run inside a checkout.');
    }
    folder = parent;
  }
  return folder;
}
