import 'reflect-metadata';
import { createLogger, derivedId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, recordPass, tell, TODAY, type Tokens } from './graphql-world.js';

let store: TestDatabase;
let database: Database;
let server: BoxtrailServer;
let url: string;
let tokens: Tokens;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  tokens = await buildWorld(database);
  await tell(database, fact('a', { occurredAt: HANDOVER - DAY }), fact('b', { occurredAt: HANDOVER + DAY }));
  await recordPass(database, { id: derivedId('p1'), at: TODAY, containerNumbers: [BOXES.reused] });
  server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'debug') });
  url = await server.listen(0, '127.0.0.1');
}, 30_000);

afterAll(async () => {
  await server.close();
  await database.close();
  await store.drop();
});

describe('smoke', () => {
  it('answers', async () => {
    const a = await request(url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokens.tidewell}`)
      .send({
        query: `{ viewer { displayName role organisation { id name } } container(number: "${BOXES.reused}") { number status sizeType place { at zone { code } site { code } } events { nodes { id kind truckPlate payload } pageInfo { hasNextPage } } shipments { reference status milestones { code reached reachedBy { containerNumber event { kind } } } } } }`,
      });
    console.log(JSON.stringify(a.body, null, 1));
    const b = await request(url)
      .post('/graphql')
      .set('authorization', `Bearer ${tokens.customs}`)
      .send({
        query: `{ events { nodes { id kind } } container(number: "${BOXES.reused}") { chain { nodes { at kind summary summaryZh node { id } } } } passes { nodes { id lane { code } events { kind } } } lanes { code passes(first: 2) { nodes { id } } devices { code } } }`,
      });
    console.log(JSON.stringify(b.body));
    const c = await request(url)
      .post('/graphql')
      .send({ query: `{ events(first: 1000) { nodes { id kind } } container(number: "XX") {number} }` });
    console.log(JSON.stringify(c.body));
    const d = await request(url).post('/graphql').send({ query: `{ events(first: 100) { nodes { id kind } }  }` });
    console.log(
      JSON.stringify(d.body),
      (await request(url).get('/health/ready')).body,
      (await request(url).get('/nope')).text,
      (await request(url).post('/ingest/v1/batches').send({})).text,
    );
    expect(1).toBe(1);
  });
});
