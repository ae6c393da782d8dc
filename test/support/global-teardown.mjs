import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** Ends what database.ts started: the throwaway PostgreSQL with its folder, or the databases of this run on a given server. */
export default async function globalTeardown() {
  const run = process.env.BOXTRAIL_TEST_RUN;
  const file = join(run, 'server.json');
  if (existsSync(file)) {
    const server = JSON.parse(readFileSync(file, 'utf8'));
    if (server.pid === null) {
      await dropDatabases(server);
    } else {
      await end(server);
    }
  }
  rmSync(run, { recursive: true, force: true });
}

/** Immediate shutdown: its data is rubbish already. */
async function end({ pid, folder }) {
  process.kill(pid, 'SIGQUIT');
  while (existsSync(join(folder, 'data', 'postmaster.pid')) && isRunning(pid)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function dropDatabases({ ownerUrl, run }) {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT datname FROM pg_database WHERE datname LIKE $1', [
      `boxtrail\\_%\\_${run}%`,
    ]);
    for (const { datname } of rows) {
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)} WITH (FORCE)`);
    }
  } finally {
    await client.end();
  }
}
