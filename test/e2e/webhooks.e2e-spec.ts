import 'reflect-metadata';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { allowedNetworks } from '#libs/exchange';
import { erasePerson, issueToken, SecretBox } from '#libs/identity';
import { createLogger, newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import request from 'supertest';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { allReadable } from '../support/readable.js';
import { until } from '../support/until.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, ORGANISATIONS, SITE_A, tell, type Tokens } from './graphql-world.js';

const BOX = new SecretBox(randomBytes(32));

let store: TestDatabase;
let database: Database;
let tokens: Tokens;
let server: BoxtrailServer;
let url: string;
let receiver: Receiver;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  tokens = await buildWorld(database);
  await serve();
});

afterAll(async () => {
  await server.close();
  await database.close();
  await store.drop();
});

beforeEach(async () => {
  receiver = new Receiver();
  await receiver.start();
  // a cursor that is taken while older events wait would tell them again
  await allReadable(database);
});

afterEach(async () => {
  await database.write((tx) => tx.query(`UPDATE webhook_endpoint SET state = 'REMOVED'`));
  await receiver.stop();
});

async function serve(networks: readonly string[] = ['127.0.0.0/8']): Promise<void> {
  server = await BoxtrailServer.create({
    database,
    logger: createLogger('spec', 'silent'),
    webhooks: {
      box: BOX,
      networks: allowedNetworks(networks),
      times: { pollMs: 20, answerMs: 60_000, pausesMs: [50, 50, 50] },
    },
  });
  url = await server.listen(0, '127.0.0.1');
}

interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A company's own server. */
class Receiver {
  readonly messages: Message[] = [];
  /** What it answers next, then 204. */
  answers: (number | 'hangs up' | { readonly location: string } | { readonly after: Promise<void> })[] = [];
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async start(): Promise<void> {
    this.server = createServer((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        this.messages.push({ headers: incoming.headers, body: Buffer.concat(parts).toString('utf8') });
        const next = this.answers.shift() ?? 204;
        if (next === 'hangs up') answer.destroy();
        else if (typeof next === 'number') answer.writeHead(next).end(next >= 400 ? 'not that' : '');
        else if ('after' in next) void next.after.then(() => answer.writeHead(204).end());
        else answer.writeHead(302, next).end();
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** The events' causes are not told; kinds and boxes are. */
  get kinds(): string[] {
    return this.messages.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  }
}

interface Answer<T> {
  readonly data?: T | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

async function ask<T>(token: string, query: string, variables: object = {}): Promise<Answer<T>> {
  const answer = await request(url)
    .post('/graphql')
    .set('authorization', `Bearer ${token}`)
    .set('x-case-number', 'SPEC-0001')
    .send({ query, variables });
  return answer.body as Answer<T>;
}

async function data<T>(token: string, query: string, variables: object = {}): Promise<T> {
  const answer = await ask<T>(token, query, variables);
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
}

interface Endpoint {
  readonly id: string;
  readonly state: string;
  readonly nextStates: string[];
  readonly stateReason: string | null;
  readonly deliveries: { readonly nodes: Delivery[] };
}

interface Delivery {
  readonly state: string;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly event: { readonly id: string } | null;
}

const CREATE = `mutation ($input: CreateWebhookInput!, $key: IdempotencyKey!) {
  createWebhook(input: $input, idempotencyKey: $key) { secret endpoint { id state nextStates } } }`;

async function create(
  token: string,
  input: object = {},
  key: string = newId(),
): Promise<{ secret: string | null; endpoint: Endpoint }> {
  await allReadable(database);
  const { createWebhook } = await data<{ createWebhook: { secret: string | null; endpoint: Endpoint } }>(
    token,
    CREATE,
    {
      input: { url: receiver.url, description: 'our own system', ...input },
      key,
    },
  );
  return createWebhook;
}

async function endpointOf(token: string, id: string): Promise<Endpoint | null> {
  const { node } = await data<{ node: Endpoint | null }>(
    token,
    `query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { id state nextStates stateReason
      deliveries { nodes { state attempts lastStatus lastError event { id } } } } } }`,
    { id },
  );
  return node;
}

const deliveriesOf = async (token: string, id: string): Promise<Delivery[]> =>
  (await endpointOf(token, id))?.deliveries.nodes ?? [];

const command = (token: string, id: string, word: string): Promise<Answer<unknown>> =>
  ask(
    token,
    `mutation ($id: ID!, $command: WebhookCommand!, $key: IdempotencyKey!) {
       commandWebhook(id: $id, command: $command, idempotencyKey: $key) { endpoint { state } } }`,
    { id, command: word, key: newId() },
  );

const IN_WINDOW = { occurredAt: HANDOVER + DAY };

describe('a webhook', () => {
  it('is told what its maker may see, signed, in the journal’s order, and nothing else', async () => {
    const { secret, endpoint } = await create(tokens.tidewell, {
      filter: { kinds: ['ContainerGatedIn', 'ZoneEntered'] },
    });
    expect(endpoint.nextStates).toEqual(['PAUSED', 'DISABLED', 'REMOVED']);
    await tell(
      database,
      fact('w1', IN_WINDOW),
      fact('w2, before the window', { occurredAt: HANDOVER - DAY }),
      fact('w3, of others', { asset: { kind: 'CONTAINER', code: BOXES.northbank } }),
      fact('w4, another kind', { ...IN_WINDOW, kind: 'ContainerGatedOut' }),
    );
    const [last = ''] = await tell(database, fact('w5', { ...IN_WINDOW, kind: 'ZoneEntered' }));
    await until('two messages', () => receiver.messages.length === 2);
    expect(receiver.kinds).toEqual(['ContainerGatedIn', 'ZoneEntered']);
    const told = receiver.messages.map(({ body, headers }) =>
      new Webhook(secret ?? '').verify(body, headers as Record<string, string>),
    ) as { data: Record<string, unknown> }[];
    expect(told[1]?.data).toMatchObject({
      id: globalId('TrackingEvent', SITE_A, last),
      containerNumber: BOXES.reused,
      // masked as everywhere: no zone event tells a company the truck
      truckPlate: null,
      payload: { direction: 'IN', fullness: 'LADEN' },
    });
    expect(receiver.messages[1]?.headers['webhook-id']).toBe(`evt_${last}`);
    await until('two written down', async () =>
      (await deliveriesOf(tokens.tidewell, endpoint.id)).every(({ state }) => state === 'DELIVERED'),
    );
    expect(await deliveriesOf(tokens.tidewell, endpoint.id)).toHaveLength(2);
  });

  it('is tried again with the same id until it is taken, and what came meanwhile follows', async () => {
    const { endpoint } = await create(tokens.tidewell);
    receiver.answers = [503, 'hangs up'];
    await tell(database, fact('again 1', IN_WINDOW));
    await tell(database, fact('again 2', { ...IN_WINDOW, kind: 'ZoneExited' }));
    await until(
      'both taken',
      async () =>
        (await deliveriesOf(tokens.tidewell, endpoint.id)).filter(({ state }) => state === 'DELIVERED').length === 2,
    );
    const ids = receiver.messages.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids.length).toBe(4);
  });

  it('that refuses a message to the end leaves a dead letter, which a person can send once more', async () => {
    const { endpoint } = await create(tokens.tidewell);
    receiver.answers = [422, 422, 422, 422];
    const [id = ''] = await tell(database, fact('dead', IN_WINDOW));
    await until('a dead letter', async () =>
      (await deliveriesOf(tokens.tidewell, endpoint.id)).some(({ state }) => state === 'DEAD'),
    );
    expect(await deliveriesOf(tokens.tidewell, endpoint.id)).toEqual([
      {
        state: 'DEAD',
        attempts: 4,
        lastStatus: 422,
        lastError: 'not that',
        event: { id: globalId('TrackingEvent', SITE_A, id) },
      },
    ]);
    await data(
      tokens.tidewell,
      `mutation ($id: ID!, $event: ID!, $key: IdempotencyKey!) {
         retryWebhookDelivery(id: $id, event: $event, idempotencyKey: $key) { endpoint { id } } }`,
      { id: endpoint.id, event: globalId('TrackingEvent', SITE_A, id), key: newId() },
    );
    await until('it is taken', async () =>
      (await deliveriesOf(tokens.tidewell, endpoint.id)).every(({ state }) => state === 'DELIVERED'),
    );
  });

  it('is told everything behind a cursor again, without a gap, under the same ids', async () => {
    const { journalEnd } = await data<{ journalEnd: string }>(tokens.tidewell, '{ journalEnd }');
    await tell(database, fact('before it was made', IN_WINDOW));
    const { endpoint } = await create(tokens.tidewell, { after: journalEnd });
    await tell(database, fact('after it was made', { ...IN_WINDOW, kind: 'ZoneEntered' }));
    await until('both', () => receiver.messages.length === 2);
    await data(
      tokens.tidewell,
      `mutation ($id: ID!, $after: String!, $key: IdempotencyKey!) {
         replayWebhook(id: $id, after: $after, idempotencyKey: $key) { endpoint { id } } }`,
      { id: endpoint.id, after: journalEnd, key: newId() },
    );
    await until('both again', () => receiver.messages.length === 4);
    const ids = receiver.messages.map(({ headers }) => headers['webhook-id']);
    expect(ids.slice(2)).toEqual(ids.slice(0, 2));
  });

  it('that is paused is told nothing, and all of it once it is resumed; a removed one is told no more', async () => {
    const { endpoint } = await create(tokens.tidewell);
    await command(tokens.tidewell, endpoint.id, 'PAUSE');
    await tell(database, fact('while paused', IN_WINDOW));
    const { endpoint: witness } = await create(tokens.customs);
    await tell(database, fact('for the witness', IN_WINDOW));
    await until('the witness is told', () => receiver.messages.length === 1);
    expect((await command(tokens.tidewell, endpoint.id, 'PAUSE')).errors?.[0]?.extensions.code).toBe('CONFLICT');
    await command(tokens.tidewell, endpoint.id, 'RESUME');
    await until('both events', () => receiver.messages.length === 3);
    for (const [token, id] of [
      [tokens.tidewell, endpoint.id],
      [tokens.customs, witness.id],
    ] as const) {
      await command(token, id, 'REMOVE');
    }
    expect((await command(tokens.tidewell, endpoint.id, 'RESUME')).errors?.[0]?.extensions.code).toBe('CONFLICT');
    await create(tokens.customs);
    await tell(database, fact('after the end', IN_WINDOW));
    await until('a further witness is told', () => receiver.messages.length >= 4);
    expect(receiver.messages).toHaveLength(4);
  });

  it('that answers 410 is disabled, and says why', async () => {
    const { endpoint } = await create(tokens.tidewell);
    receiver.answers = [410];
    await tell(database, fact('gone', IN_WINDOW));
    await until('disabled', async () => (await endpointOf(tokens.tidewell, endpoint.id))?.state === 'DISABLED');
    expect((await endpointOf(tokens.tidewell, endpoint.id))?.stateReason).toBe('it answered 410, gone');
  });

  it('whose maker has lost the role is told no more', async () => {
    const { endpoint } = await create(tokens.stranger);
    await database.write((tx) =>
      tx.query(`UPDATE webhook_endpoint SET made_by = $1 WHERE organisation_id = $2`, [
        newId(),
        ORGANISATIONS.stranger,
      ]),
    );
    await until('disabled', async () => (await endpointOf(tokens.stranger, endpoint.id))?.state === 'DISABLED');
  });

  it.each(['is revoked', 'ends by itself', 'ends with the one that it was drawn with'])(
    'ends with the API token that it was made with, when that %s',
    async (end) => {
      const expiresAt = new Date(Date.now() + 30 * DAY).toISOString();
      const draw = async (asker: string) => {
        const drawn = await data<{ createApiToken: { token: string; apiToken: { id: string } } }>(
          asker,
          `mutation ($input: CreateApiTokenInput!, $key: IdempotencyKey!) {
           createApiToken(input: $input, idempotencyKey: $key) { token apiToken { id } } }`,
          {
            input: {
              name: 'hooks',
              scopes: ['READ', 'WEBHOOKS', 'MANAGE'],
              expiresAt,
            },
            key: newId(),
          },
        );
        return drawn.createApiToken;
      };
      const root = await draw(tokens.stranger);
      const { token, apiToken } = await draw(root.token);
      const [made, other] = [await create(token), await create(tokens.stranger)];
      if (end === 'ends by itself')
        await database.write((tx) =>
          tx.query('UPDATE access_token SET expires_at = now() WHERE id = $1', [apiToken.id]),
        );
      else
        await data(
          tokens.stranger,
          `mutation ($id: ID!, $key: IdempotencyKey!) { revokeApiToken(id: $id, idempotencyKey: $key) { apiToken { id } } }`,
          { id: end === 'is revoked' ? apiToken.id : root.apiToken.id, key: newId() },
        );
      const stateOf = async ({ endpoint }: { endpoint: Endpoint }): Promise<string | undefined> =>
        (await endpointOf(tokens.stranger, endpoint.id))?.state;
      await until('disabled', async () => (await stateOf(made)) === 'DISABLED');
      expect(await stateOf(other)).toBe('ACTIVE');
    },
  );

  it('of a service account is told what that may see, until the account is closed', async () => {
    const account = newId();
    const token = await database.write(async (tx) => {
      const organisationId = ORGANISATIONS.tidewell;
      await tx.query(
        `INSERT INTO service_account (id, organisation_id, role, name, created_by)
         SELECT $1, $2, 'LOGISTICS', 'booking system', person_id FROM membership WHERE organisation_id = $2 LIMIT 1`,
        [account, organisationId],
      );
      return issueToken(tx, { serviceAccountId: account, organisationId, role: 'LOGISTICS' });
    });
    const { endpoint } = await create(token);
    await tell(database, fact('for a program', IN_WINDOW));
    await until('told', () => receiver.messages.length === 1);
    await database.write((tx) => tx.query('UPDATE service_account SET closed_at = now() WHERE id = $1', [account]));
    await until('disabled', async () => (await endpointOf(tokens.tidewell, endpoint.id))?.state === 'DISABLED');
  });

  it('of somebody who was erased is told no more', async () => {
    const erased = newId();
    await database.write(async (tx) => {
      const organisationId = ORGANISATIONS.tidewell;
      await tx.query('INSERT INTO person (id) VALUES ($1)', [erased]);
      await tx.query(`INSERT INTO membership VALUES ($1, $2, 'LOGISTICS')`, [erased, organisationId]);
    });
    const { endpoint } = await create(tokens.tidewell);
    await database.write(async (tx) => {
      await erasePerson(tx, erased);
      await tx.query('UPDATE webhook_endpoint SET made_by = $1 WHERE state = $2', [erased, 'ACTIVE']);
    });
    await until('disabled', async () => (await endpointOf(tokens.tidewell, endpoint.id))?.state === 'DISABLED');
  });

  it('follows no redirect', async () => {
    const { endpoint } = await create(tokens.tidewell);
    receiver.answers = [{ location: `${receiver.url}/elsewhere` }];
    await tell(database, fact('redirected', IN_WINDOW));
    await until('taken at the second attempt', async () =>
      (await deliveriesOf(tokens.tidewell, endpoint.id)).some(
        ({ state, attempts }) => state === 'DELIVERED' && attempts === 2,
      ),
    );
    expect(receiver.messages).toHaveLength(2);
  });

  it('has a secret that is told once, also to a repeated request, and two that sign while it is replaced', async () => {
    const key = newId();
    const first = await create(tokens.tidewell, {}, key);
    const again = await create(tokens.tidewell, {}, key);
    expect([again.endpoint.id, again.secret]).toEqual([first.endpoint.id, null]);
    const { replaceWebhookSecret } = await data<{ replaceWebhookSecret: { secret: string } }>(
      tokens.tidewell,
      `mutation ($id: ID!, $key: IdempotencyKey!) { replaceWebhookSecret(id: $id, idempotencyKey: $key) { secret } }`,
      { id: first.endpoint.id, key: newId() },
    );
    await tell(database, fact('two secrets', IN_WINDOW));
    await until('a message', () => receiver.messages.length === 1);
    const { body, headers } = receiver.messages[0] ?? { body: '', headers: {} };
    for (const secret of [first.secret ?? '', replaceWebhookSecret.secret]) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toBeTruthy();
    }
    const kept = await database.write((tx) => tx.query('SELECT answer::text FROM idempotency'));
    expect(JSON.stringify(kept)).not.toContain('whsec_');
  });

  it('signs with the secrets of the moment it sends, also what was on its way while they were replaced', async () => {
    const { endpoint, secret } = await create(tokens.tidewell);
    let answerFirst = (): void => undefined;
    receiver.answers = [{ after: new Promise((resolve) => (answerFirst = resolve)) }];
    await tell(database, fact('under way 1', IN_WINDOW), fact('under way 2', IN_WINDOW));
    await until('the first is there and waits', () => receiver.messages.length === 1);
    const { replaceWebhookSecret } = await data<{ replaceWebhookSecret: { secret: string } }>(
      tokens.tidewell,
      `mutation ($id: ID!, $key: IdempotencyKey!) { replaceWebhookSecret(id: $id, idempotencyKey: $key) { secret } }`,
      { id: endpoint.id, key: newId() },
    );
    answerFirst();
    await until('the second is there', () => receiver.messages.length === 2);
    const { body, headers } = receiver.messages[1] ?? { body: '', headers: {} };
    for (const one of [secret ?? '', replaceWebhookSecret.secret]) {
      expect(new Webhook(one).verify(body, headers as Record<string, string>)).toBeTruthy();
    }
  });

  it('is of its organisation alone', async () => {
    const { endpoint } = await create(tokens.tidewell);
    expect(await endpointOf(tokens.northbank, endpoint.id)).toBeNull();
    expect(await data(tokens.northbank, '{ webhookEndpoints { id } }')).toEqual({ webhookEndpoints: [] });
    expect((await command(tokens.northbank, endpoint.id, 'REMOVE')).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(await data(tokens.tidewell, '{ webhookEndpoints { id } }')).toEqual({
      webhookEndpoints: [{ id: endpoint.id }],
    });
  });
});

describe('an inward address', () => {
  it('is refused when it is saved, and when a name turns to it later nothing is sent', async () => {
    const { endpoint } = await create(tokens.tidewell);
    await server.close();
    await serve([]);
    const refused = await ask(tokens.tidewell, CREATE, {
      input: { url: receiver.url, description: 'inward' },
      key: newId(),
    });
    expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', details: { field: 'input.url' } });
    // Saved while it was allowed, under a literal address and under a name.
    await tell(database, fact('inward 1', IN_WINDOW));
    await until('an attempt', async () =>
      (await deliveriesOf(tokens.tidewell, endpoint.id)).some(({ attempts }) => attempts > 0),
    );
    await database.write((tx) =>
      tx.query(`UPDATE webhook_endpoint SET url = replace(url, '127.0.0.1', 'localhost'), rests_until = NULL`),
    );
    await tell(database, fact('inward 2', { ...IN_WINDOW, kind: 'ZoneEntered' }));
    await until(
      'dead letters',
      async () =>
        (await deliveriesOf(tokens.tidewell, endpoint.id)).filter(({ state }) => state === 'DEAD').length === 2,
    );
    const deliveries = await deliveriesOf(tokens.tidewell, endpoint.id);
    expect(deliveries.map(({ lastError }) => lastError)).toContainEqual(expect.stringMatching(/^INWARD: /));
    expect(receiver.messages).toEqual([]);
    await server.close();
    await serve();
  });
});
