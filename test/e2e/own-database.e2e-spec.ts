import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { migrate } from '#libs/persistence';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOnce } from '../support/house.js';
import { OperatorProcess } from '../support/operator.js';
import { reservePort } from '../support/ports.js';
import { until } from '../support/until.js';

const PORT_FILES = fileURLToPath(new URL('../../fixtures/port', import.meta.url));

let database: TestDatabase | null = null;
let start: OperatorProcess | null = null;
let [folder, address] = ['', ''];
let environment: NodeJS.ProcessEnv = {};

async function boxtrail(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const run = new OperatorProcess(args, environment);
  const code = await run.end();
  return { code, out: run.out, err: run.err };
}

async function ask(
  token: string | null,
  query: string,
  variables: object = {},
): Promise<{ data?: unknown; errors?: { extensions: { code: string } }[] }> {
  const answer = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-case-number': 'SPEC-0001',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  return (await answer.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
}

const statusOfBatch = (token: string, gatewayId: string, siteId: string): Promise<number> =>
  fetch(`${address}/ingest/v1/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      gatewayId,
      siteId,
      streamId: '6f1c3f0e-5a0e-4c55-9d0b-5d2c2b7a9e41',
      sentAt: Date.now(),
      items: [],
    }),
  }).then(({ status }) => status);

beforeAll(async () => {
  await buildOnce();
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'boxtrail-own-'));
  environment = {
    BOXTRAIL_STATE_DIR: join(folder, 'state'),
    DATABASE_URL: database.appUrl,
    DATABASE_INGEST_URL: database.ingestUrl,
    DATABASE_MIGRATION_URL: database.ownerUrl,
  };
  mkdirSync(join(folder, 'port'));
  for (const name of ['terminals', 'zones', 'gates', 'organisations']) {
    cpSync(join(PORT_FILES, `${name}.json`), join(folder, 'port', `${name}.json`));
  }
  start = new OperatorProcess(['start'], {
    ...environment,
    PORT: String(await reservePort()),
    BOXTRAIL_UPLINK_AUTH: 'signed-or-token',
  });
  await start.says('Ctrl-C ends it');
  address = /Boxtrail is ready: (\S+)/.exec(start.out)?.[1] ?? '';
}, 180_000);

afterAll(async () => {
  await start?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a database of the user’s own', () => {
  it('starts empty: no sign-ins, no simulator, and no organisation that could have a token', async () => {
    expect(start?.out).not.toContain('Sign-ins');
    const words = ['--role', 'LOGISTICS', '--organisation', 'NOBODY', '--name', 'Li Wei'];
    expect(await boxtrail('token', 'person', ...words)).toEqual({
      code: 1,
      out: '',
      err: 'boxtrail: NOT_FOUND: There is no organisation NOBODY; none is there yet.\n',
    });
  });

  it('takes places and organisations from files, once', async () => {
    const first = await boxtrail('port', 'load', join(folder, 'port'));
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^site +11 added, 0 there before/m);
    const second = await boxtrail('port', 'load', join(folder, 'port'));
    expect(second.out).toMatch(/^site +0 added, 11 there before/m);
    expect(await boxtrail('port', 'load', folder)).toMatchObject({ code: 1 });
  });

  it('lets a person in by a token that is shown once, and no longer when it is revoked', async () => {
    const words = ['--role', 'GATE_OPERATOR', '--organisation', 'CNNBO-BLYUA', '--name', 'Li Wei', '--days', '30'];
    const { code, out } = await boxtrail('token', 'person', ...words);
    expect(code).toBe(0);
    expect(out).toMatch(/^bxt_[\w-]{43}\n$/);
    const query = '{ viewer { displayName role } }';
    expect(await ask(out.trim(), query)).toMatchObject({
      data: { viewer: { displayName: 'Li Wei', role: 'GATE_OPERATOR' } },
    });
    const listed = await boxtrail('token', 'list', '--json');
    const entry = JSON.parse(listed.out) as { id: string; name: string; of: string; expiresAt: string };
    expect(entry).toMatchObject({ name: 'Li Wei', of: 'CNNBO-BLYUA' });
    const daysLeft = (Date.parse(entry.expiresAt) - Date.now()) / 86_400_000;
    expect(daysLeft).toBeGreaterThan(29.9);
    expect(daysLeft).toBeLessThanOrEqual(30);
    expect(listed.out).not.toContain('bxt_');
    expect(await boxtrail('token', 'revoke', entry.id)).toMatchObject({ code: 0 });
    // libs/identity reuses an answer for some seconds
    await until('the token to be refused', async () => {
      const { errors } = await ask(out.trim(), query);
      return errors?.[0]?.extensions.code === 'UNAUTHENTICATED';
    });
  });

  it('lets a first administrator in by a code that is printed once: there is no default password', async () => {
    const words = ['--role', 'SECURITY_ADMINISTRATOR', '--name', 'Wang Fang', '--login', 'wang.fang'];
    const added = await boxtrail('person', 'add', ...words);
    expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/^bxe_[\w-]{43}\n$/) });
    const again = await boxtrail('person', 'add', ...words);
    expect(again).toMatchObject({ code: 1, out: '', err: 'boxtrail: CONFLICT: Somebody else has this LOGIN_NAME.\n' });
    const password = 'wharf lantern copper 7';
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { secondFactor } }`;
    const credentials = { input: { loginName: 'wang.fang', password } };
    expect((await ask(null, signIn, credentials)).errors?.[0]?.extensions).toMatchObject({ code: 'SIGN_IN_REFUSED' });
    const enrol = `mutation ($input: EnrolInput!) { enrol(input: $input) { token role secondFactor } }`;
    const once = { input: { code: added.out.trim(), password } };
    expect(await ask(null, enrol, once)).toMatchObject({
      data: { enrol: { role: 'SECURITY_ADMINISTRATOR', secondFactor: 'TO_ENROL' } },
    });
    expect((await ask(null, enrol, once)).errors?.[0]?.extensions).toMatchObject({ code: 'SIGN_IN_REFUSED' });
    expect(await ask(null, signIn, credentials)).toMatchObject({ data: { signIn: { secondFactor: 'TO_ENROL' } } });
    const reset = await boxtrail('person', 'reset', '--login', 'wang.fang', '--second-factor');
    expect(reset.out).toMatch(/^bxe_/);
    expect((await ask(null, signIn, credentials)).errors?.[0]?.extensions).toMatchObject({ code: 'SIGN_IN_REFUSED' });
  });

  it('knows where a role of the platform operator is without being told, and asks for the organisation of any other', async () => {
    const { code, out, err } = await boxtrail('token', 'person', '--role', 'PLATFORM_OPERATOR', '--name', 'Zhao Lei');
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/Zhao Lei, PLATFORM_OPERATOR of DEMO-PLATFORM-OPERATOR, /),
    });
    expect(await ask(out.trim(), '{ viewer { role organisation { code } } }')).toEqual({
      data: { viewer: { role: 'PLATFORM_OPERATOR', organisation: { code: 'DEMO-PLATFORM-OPERATOR' } } },
    });
    for (const words of [
      ['token', 'person'],
      ['person', 'add'],
    ]) {
      expect(await boxtrail(...words, '--role', 'LOGISTICS', '--name', 'Zhao Lei')).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining(
          '--organisation is needed: the code of the LOGISTICS_COMPANY in which this LOGISTICS is',
        ),
      });
    }
  });

  it('keeps its key where its owner alone reads it, and takes no other', async () => {
    const file = join(folder, 'state', 'secret.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const kept = readFileSync(file, 'utf8').trim();
    const withKey = async (key: string): Promise<{ code: number | null; err: string }> => {
      const run = new OperatorProcess(['token', 'list'], { ...environment, BOXTRAIL_SECRET_KEY: key });
      return { code: await run.end(), err: run.err };
    };
    expect(await withKey(kept)).toEqual({ code: 0, err: '' });
    expect(await withKey(randomBytes(32).toString('hex'))).toEqual({
      code: 1,
      err: expect.stringContaining('INVALID_CONFIG: The secret key is not the one that this database was begun with'),
    });
  });

  it('lets a gateway bring items for its own site, by its newest token alone where tokens are taken', async () => {
    const words = ['token', 'gateway', '--id', 'gate-1', '--site', 'CNNBO-BLYUA'];
    const [before, now] = [(await boxtrail(...words)).out.trim(), (await boxtrail(...words)).out.trim()];
    expect(await statusOfBatch(now, 'gate-1', 'CNNBO-BLYUA')).toBe(200);
    expect(await statusOfBatch(now, 'gate-1', 'CNNBO-BLCT6')).toBe(403);
    expect(await statusOfBatch(before, 'gate-1', 'CNNBO-BLYUA')).toBe(401);
    const moved = await boxtrail('token', 'gateway', '--id', 'gate-1', '--site', 'CNNBO-BLCT6');
    expect(moved).toMatchObject({ code: 1, out: '' });
  });

  it.each([
    [['token'], 'say what to do'],
    [['token', 'person', '--role', 'KING', '--organisation', 'x', '--name', 'y'], '"KING"'],
    [['token', 'person', '--role', 'LOGISTICS', '--name', 'y'], '--organisation'],
    [['token', 'revoke'], 'token list'],
    [['port', 'unload', 'x'], 'port load'],
    [['person'], 'say what to do'],
    [['person', 'add', '--role', 'LOGISTICS', '--name', 'y'], '--organisation'],
    [['token', 'person', '--role', 'LOGISTICS', '--organisation', 'x', '--name', 'y', '--days', '366'], '365'],
  ])('calls %j wrong use', async (args, said) => {
    const { code, err } = await boxtrail(...args);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('refuses a role in an organisation of another kind', async () => {
    const words = ['--role', 'CUSTOMS_OFFICER', '--organisation', 'CNNBO-BLYUA', '--name', 'Li Wei'];
    expect(await boxtrail('token', 'person', ...words)).toMatchObject({ code: 1, out: '' });
  });
});

describe('roles made by hand', () => {
  it('need no owner that may create roles, once the two groups are there', async () => {
    const bare = await createTestDatabase({ migrated: false });
    const owner = `owner_of_${bare.name}`;
    const admin = new Client({ connectionString: database?.ownerUrl });
    await admin.connect();
    try {
      // the template of the run has made boxtrail_app and boxtrail_ingest, which belong to the cluster
      await admin.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'by-hand' NOCREATEROLE`);
      await admin.query(`ALTER DATABASE ${bare.name} OWNER TO ${owner}`);
      const url = Object.assign(new URL(bare.ownerUrl), { username: owner, password: 'by-hand' }).href;
      await migrate(url);
      const client = new Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(`SELECT tableowner FROM pg_tables WHERE tablename = 'tracking_event'`);
      await client.end();
      expect(rows).toEqual([{ tableowner: owner }]);
    } finally {
      await bare.drop();
      await admin.query(`DROP ROLE IF EXISTS ${owner}`);
      await admin.end();
    }
  });
});
