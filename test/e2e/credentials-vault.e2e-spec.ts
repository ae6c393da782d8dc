import 'reflect-metadata';
import { bindVault, Vault } from '#libs/identity';
import { newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { CredentialsWorld } from './credentials-world.js';
import { ORGANISATIONS } from './graphql-world.js';

describe('a database', () => {
  let store: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    store = await createTestDatabase();
    database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  });

  afterAll(async () => {
    await database.close();
    await store.drop();
  });

  it('keeps to the key and the suite that it was begun with', async () => {
    const bind = (vault: Vault) => database.write((tx) => bindVault(tx, vault));
    const key = Buffer.alloc(32, 1);
    await bind(new Vault(key, 'NATIONAL'));
    await bind(new Vault(key, 'NATIONAL'));
    await expect(bind(new Vault(Buffer.alloc(32, 2), 'NATIONAL'))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: { field: 'BOXTRAIL_SECRET_KEY' },
    });
    await expect(bind(new Vault(key, 'INTERNATIONAL'))).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      details: { field: 'BOXTRAIL_CRYPTOGRAPHY', expected: 'NATIONAL' },
    });
  });
});

describe('a service that seals by SM4 and SM3', () => {
  let world: CredentialsWorld;

  beforeAll(async () => {
    world = await CredentialsWorld.open({}, new Vault(Buffer.alloc(32, 3), 'NATIONAL'));
  });

  afterAll(() => world.close());

  it('lets people in by password and second factor, and programs by token, like any other', async () => {
    await world.addWithPassword(ORGANISATIONS.customs, 'CUSTOMS_OFFICER', 'guan.yuan');
    const { token } = await world.withFactor((await world.signIn('guan.yuan')).token);
    expect(await world.get(token, '{ viewer { displayName } }')).toEqual({ displayName: 'Name of guan.yuan' });
    const { token: apiToken } = await world.get<{ token: string }>(
      token,
      `mutation ($input: CreateApiTokenInput!, $key: IdempotencyKey!) { createApiToken(input: $input, idempotencyKey: $key) { token } }`,
      {
        input: { name: 'x', scopes: ['READ'], expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
        key: newId(),
      },
    );
    const [stored] = await world.rows<{ hash: Buffer }>('SELECT token_hash AS hash FROM access_token WHERE name = $1', [
      'x',
    ]);
    expect(stored?.hash).toEqual(world.vault.suite.digest(apiToken));
    expect(await world.refusal(apiToken, '{ viewer { role } }')).toBeUndefined();
    // Tokens that were drawn by SHA-256, before or by a tool that knows of no suite, go on working.
    expect(await world.refusal(world.tokens.customs, '{ viewer { role } }')).toBeUndefined();
  });
});
