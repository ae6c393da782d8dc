import { transformFile, type Options } from '@swc/core';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * For specs that need a process of their own to kill: builds the gateway and what it imports, as `npm run build` would,
 * into a fresh folder under node_modules/.cache, so that neither dist nor another run is touched.
 * @returns the folder, to be removed with `remove`
 */
export async function buildTree(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const cache = join(ROOT, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'gateway-spec-'));
  const { imports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    imports: Record<string, { default: string }>;
  };
  const built = Object.entries(imports).map(
    ([name, target]) => [name, target.default.replace('./dist/', './')] as const,
  );
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports: Object.fromEntries(built) }));
  const swcrc = JSON.parse(await readFile(join(ROOT, '.swcrc'), 'utf8')) as Options;
  const options: Options = { ...swcrc, sourceMaps: 'inline', swcrc: false };
  for (const room of [
    'apps/gateway/src',
    'libs/kernel',
    'libs/identifiers',
    'libs/telemetry',
    'libs/lane',
    'libs/signing',
    'hardware-adapters',
  ]) {
    for (const file of await sourcesUnder(room)) {
      const target = join(folder, file.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, (await transformFile(join(ROOT, file), options)).code);
    }
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function sourcesUnder(room: string): Promise<string[]> {
  const names = await readdir(join(ROOT, room), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('spec.ts')).map((name) => join(room, name));
}
