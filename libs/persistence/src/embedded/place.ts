import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DomainError } from '#libs/kernel';
import { canReach, findRunAs, isRoot, type RunAs } from './run-as.js';

/** Where a cluster lives and who runs it. */
export interface Place {
  /** Holds `data/`, `postgres.log` and `owner.password`; belongs to whoever runs PostgreSQL, mode 0700. */
  readonly root: string;
  readonly runAs: RunAs | null;
  /** Where the programs are copied when `runAs` cannot reach node_modules. */
  readonly mirrorRoot: string;
  /** What a person should know of the choice. */
  readonly notices: readonly string[];
}

/**
 * `<stateDir>/postgres`, or, when we are root and PostgreSQL's user cannot pass a folder above it (a home of mode 0700),
 * a folder of this project's own under BOXTRAIL_STATE_DIR or /var/lib/boxtrail. Not under /tmp: that is swept of old files
 * while the server runs.
 */
export function choosePlace(stateDir: string, env: NodeJS.ProcessEnv = process.env): Place {
  const wanted = join(resolve(stateDir), 'postgres');
  const mirrorRoot = sharedRoot(env);
  mkdirSync(stateDir, { recursive: true });
  // a cluster that is there already is run by its owner, so that root and that user can take turns
  const runAs = ownerOf(join(wanted, 'data')) ?? findRunAs();
  if (runAs !== null) {
    // a umask of 077 closes even the folder that we made
    chmodSync(stateDir, statSync(stateDir).mode | 0o011);
  }
  if (runAs === null || canReach(runAs, resolve(stateDir))) {
    own(wanted, runAs);
    return { root: wanted, runAs, mirrorRoot, notices: [] };
  }
  const name = createHash('sha256').update(resolve(stateDir)).digest('hex').slice(0, 12);
  const root = join(mirrorRoot, name);
  open(mirrorRoot);
  if (!canReach(runAs, mirrorRoot)) {
    throw new DomainError(
      'UNAVAILABLE',
      { field: 'BOXTRAIL_STATE_DIR', value: mirrorRoot, expected: `a folder that the user ${runAs.name} can reach` },
      {
        message:
          `PostgreSQL runs as ${runAs.name}, who can reach neither ${stateDir} nor ${mirrorRoot}. ` +
          'Set BOXTRAIL_STATE_DIR to a folder that every user can pass, or DATABASE_URL.',
      },
    );
  }
  own(root, runAs);
  writeFileSync(join(root, 'project'), `${resolve(stateDir)}\n`, { mode: 0o644 });
  return {
    root,
    runAs,
    mirrorRoot,
    notices: [`The database is kept in ${root}: PostgreSQL runs as ${runAs.name}, who cannot reach ${stateDir}.`],
  };
}

/** A fresh folder of one test run, in the first place for temporary files that PostgreSQL's user can reach. */
export function chooseThrowawayPlace(name: string, env: NodeJS.ProcessEnv = process.env): Place {
  const runAs = findRunAs();
  for (const parent of [tmpdir(), '/tmp', '/var/tmp']) {
    if (existsSync(parent) && canReach(runAs, parent)) {
      const root = join(parent, name);
      own(root, runAs);
      return { root, runAs, mirrorRoot: sharedRoot(env), notices: [] };
    }
  }
  throw new DomainError(
    'UNAVAILABLE',
    { field: 'TMPDIR', value: tmpdir() },
    { message: `PostgreSQL's user cannot reach ${tmpdir()}. Set TMPDIR to a folder that every user can pass.` },
  );
}

function sharedRoot(env: NodeJS.ProcessEnv): string {
  const named = env['BOXTRAIL_STATE_DIR'];
  if (named !== undefined && named !== '') {
    return resolve(named);
  }
  return isRoot() && process.platform === 'linux' ? '/var/lib/boxtrail' : join(tmpdir(), 'boxtrail');
}

function open(folder: string): void {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    // mkdir's mode is cut by the umask, which may be 077
    chmodSync(folder, 0o755);
  }
}

function ownerOf(path: string): RunAs | null {
  if (!isRoot() || !existsSync(path)) {
    return null;
  }
  const { uid, gid } = lstatSync(path);
  return uid === 0 ? null : { uid, gid, name: `user ${uid}` };
}

function own(folder: string, runAs: RunAs | null): void {
  mkdirSync(folder, { recursive: true });
  const found = lstatSync(folder);
  const mine = process.getuid?.() ?? 0;
  if (!found.isDirectory() || (found.uid !== mine && found.uid !== (runAs?.uid ?? mine))) {
    throw new DomainError(
      'UNAVAILABLE',
      { value: folder, expected: `a folder of uid ${runAs?.uid ?? mine}` },
      { message: `${folder} belongs to uid ${found.uid}. Start as that user, or remove the folder.` },
    );
  }
  if (runAs !== null) {
    chownSync(folder, runAs.uid, runAs.gid);
  }
  chmodSync(folder, 0o700);
}
