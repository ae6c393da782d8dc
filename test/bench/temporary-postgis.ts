import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export type PostgisSession =
  { readonly client: pg.Client; readonly version: string; close(): Promise<void> } | { readonly missing: string };

/**
 * A PostGIS to measure against: `BENCH_POSTGIS_URL`, or an own cluster under a temporary folder from Debian's packages
 * (`apt-get install postgresql-15-postgis-3`), on a socket only, run by `postgres` when we are root, and removed at the end.
 */
export async function openPostgis(): Promise<PostgisSession> {
  const url = process.env['BENCH_POSTGIS_URL'];
  if (url !== undefined) {
    return connect({ connectionString: url }, () => undefined);
  }
  const installed = '/usr/lib/postgresql';
  const release = existsSync(installed)
    ? readdirSync(installed)
        .sort()
        .reverse()
        .find((name) => existsSync(`/usr/share/postgresql/${name}/extension/postgis.control`))
    : undefined;
  if (release === undefined) {
    return { missing: 'no BENCH_POSTGIS_URL, and no postgresql-*-postgis-3 installed' };
  }

  const bin = join(installed, release, 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'boxtrail-bench-postgis-'));
  const owner = ownerOf(folder);
  const call = (program: string, args: readonly string[]): void => {
    execFileSync(join(bin, program), args, { ...owner, cwd: folder, stdio: 'ignore' });
  };
  call('initdb', ['-D', join(folder, 'data'), '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C']);
  call('pg_ctl', [
    ...['-D', join(folder, 'data'), '-w', '-l', join(folder, 'log')],
    ...['-o', `-c listen_addresses='' -c unix_socket_directories='${folder}' -c shared_buffers=256MB`, 'start'],
  ]);
  const stop = (): void => {
    if (existsSync(folder)) {
      call('pg_ctl', ['-D', join(folder, 'data'), '-m', 'fast', '-w', 'stop']);
      rmSync(folder, { recursive: true, force: true });
    }
  };
  // A bench that is broken off leaves no server behind.
  process.once('exit', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(1));
  }
  return connect({ host: folder, user: 'bench', database: 'postgres' }, stop);
}

/** PostgreSQL refuses to run as root. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) {
    return {};
  }
  const idOf = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  const uid = idOf('-u');
  const gid = idOf('-g');
  chownSync(folder, uid, gid);
  return { uid, gid };
}

async function connect(options: pg.ClientConfig, stop: () => void): Promise<PostgisSession> {
  const client = new pg.Client(options);
  try {
    await client.connect();
    await client.query('CREATE EXTENSION IF NOT EXISTS postgis');
    const { rows } = await client.query<{ postgis: string; server: string }>(
      `SELECT postgis_lib_version() AS postgis, current_setting('server_version') AS server`,
    );
    return {
      client,
      version: `${rows[0]?.postgis ?? '?'} on PostgreSQL ${rows[0]?.server ?? '?'}`,
      close: async () => {
        await client.end();
        stop();
      },
    };
  } catch (fault) {
    stop();
    return { missing: fault instanceof Error ? fault.message : String(fault) };
  }
}
