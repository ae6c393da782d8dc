import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate, prepareRoles, startThrowawayPostgres, type ServiceRoles } from '#libs/persistence';

/** A database of one spec file's own, with the three roles' addresses. */
export interface TestDatabase extends ServiceRoles {
  readonly ownerUrl: string;
  readonly name: string;
  drop(): Promise<void>;
}

/**
 * A fresh database, migrated unless told otherwise: a copy of one template that the run migrates once. The first caller of a
 * run starts one throwaway PostgreSQL, or uses the server of BOXTRAIL_TEST_DATABASE_URL (a superuser's address);
 * global-teardown.mjs ends it.
 */
export async function createTestDatabase({
  migrated = true,
}: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = await sharedServer();
  const name = `boxtrail_test_${server.run}_${randomBytes(4).toString('hex')}`;
  const template = migrated ? server.template : 'template0';
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return {
    name,
    ownerUrl: inDatabase(server.ownerUrl, name),
    appUrl: inDatabase(server.roles.appUrl, name),
    ingestUrl: inDatabase(server.roles.ingestUrl, name),
    drop: () => onServer(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** What global-teardown.mjs reads. */
interface SharedServer {
  readonly run: string;
  readonly ownerUrl: string;
  readonly template: string;
  readonly roles: ServiceRoles;
  /** Of the throwaway PostgreSQL; null when the server is somebody else's. */
  readonly pid: number | null;
  readonly folder: string | null;
}

let opened: Promise<SharedServer> | null = null;

function sharedServer(): Promise<SharedServer> {
  opened ??= openServer();
  return opened;
}

/** Jest's workers are processes: the first to make the folder `opening` starts the server, the others wait for `server.json`. */
async function openServer(): Promise<SharedServer> {
  const runFolder = process.env['BOXTRAIL_TEST_RUN'];
  if (runFolder === undefined) {
    throw new Error('BOXTRAIL_TEST_RUN is not set: jest.config.mjs must name test/support/global-setup.mjs');
  }
  const [file, failure] = [join(runFolder, 'server.json'), join(runFolder, 'failure.txt')];
  if (claim(join(runFolder, 'opening'))) {
    try {
      writeWhole(file, JSON.stringify(await prepareServer()));
    } catch (error) {
      writeWhole(failure, String(error instanceof Error ? error.stack : error));
      throw error;
    }
  }
  while (!existsSync(file)) {
    if (existsSync(failure)) {
      throw new Error(`the test database did not start: ${readFileSync(failure, 'utf8')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as SharedServer;
}

async function prepareServer(): Promise<SharedServer> {
  const run = randomBytes(4).toString('hex');
  const theirs = process.env['BOXTRAIL_TEST_DATABASE_URL'];
  const started =
    theirs === undefined || theirs === ''
      ? await startThrowawayPostgres({ ownerPid: Number(process.env['BOXTRAIL_TEST_OWNER_PID']) })
      : { ownerUrl: theirs, pid: null, folder: null };
  const template = `boxtrail_template_${run}`;
  const bare = { run, template, ownerUrl: started.ownerUrl };
  await onServer(bare, (client) =>
    client.query(`CREATE DATABASE ${template} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`),
  );
  const templateUrl = inDatabase(started.ownerUrl, template);
  await migrate(templateUrl);
  // The roles are the whole server's: another run on it must give them the passwords that they have.
  const password = (role: string): string => createHash('sha256').update(`${role} ${started.ownerUrl}`).digest('hex');
  const roles = await prepareRoles(templateUrl, { app: password('app'), ingest: password('ingest') });
  return { ...bare, roles, pid: started.pid, folder: started.folder };
}

async function onServer(
  server: { readonly ownerUrl: string },
  use: (client: Client) => Promise<unknown>,
): Promise<void> {
  const client = new Client({ connectionString: server.ownerUrl });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.partial`, text, { mode: 0o600 });
  renameSync(`${file}.partial`, file);
}
