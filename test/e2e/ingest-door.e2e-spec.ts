import 'reflect-metadata';
import { newId } from '#libs/kernel';
import type { UplinkBatch } from '#libs/lane';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { boxNumber, buildWorld, GATEWAY_A, LANE_A, SITE_A, SITE_B, type Tokens } from './graphql-world.js';

let house: ApiHouse<Tokens>;

beforeAll(async () => {
  house = await openApiHouse(buildWorld, { uplinkAuth: 'signed-or-token' });
});

afterAll(() => house.close());

describe('the ingest door', () => {
  const streamId = newId();
  const observation = (sequence: number): UplinkBatch['items'][number] => ({
    sequence,
    kind: 'observation',
    observation: {
      deviceId: 'UHF',
      boot: 'b1',
      sequence,
      occurredAt: Date.now(),
      receivedAt: Date.now(),
      laneId: LANE_A,
      body: {
        kind: 'OcrRead',
        target: 'CONTAINER',
        text: boxNumber(400_000 + sequence),
        confidence: 0.9,
        pictureUrl: null,
        position: null,
      },
    },
  });
  const batch = (items: readonly unknown[], extra: object = {}): object => ({
    gatewayId: GATEWAY_A,
    siteId: SITE_A,
    streamId,
    sentAt: Date.now(),
    items,
    ...extra,
  });
  const post = (body: object, token = house.tokens.gatewayA) =>
    request(house.url).post('/ingest/v1/batches').set('authorization', `Bearer ${token}`).send(body);

  it('commits a batch, says how far, and answers the same to a repetition', async () => {
    const body = batch([observation(1), observation(2)]);
    for (let again = 0; again < 2; again += 1) {
      const answer = await post(body);
      expect([answer.status, answer.body]).toEqual([200, { committedSequence: 2 }]);
    }
    const gap = await post(batch([observation(9)]));
    expect([gap.status, (gap.body as { committedSequence: number }).committedSequence]).toEqual([409, 2]);
  });

  it('keeps a malformed item as refused input and lets the stream go on', async () => {
    const broken = { ...observation(3), observation: { deviceId: 'UHF', body: { kind: 'OcrRead' } } };
    expect((await post(batch([broken, observation(4)]))).body).toEqual({ committedSequence: 4 });
    const kept = await request(house.url)
      .post('/graphql')
      .set('authorization', `Bearer ${house.tokens.operatorA}`)
      .send({ query: `{ refusedInputs { nodes { deviceCode reason detail } } }` });
    expect(kept.body).toMatchObject({
      data: { refusedInputs: { nodes: [{ deviceCode: 'uplink', reason: 'malformed_item' }] } },
    });
  });

  it('refuses a broken envelope with 422 and the item’s index', async () => {
    const answer = await post(batch([observation(5), { kind: 'observation' }]));
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { error: { code: 'INVALID_INPUT', details: { itemIndex: 1 } } },
    ]);
    const torn = await post(batch([observation(5), observation(7)]));
    expect([torn.status, torn.body]).toMatchObject([422, { error: { details: { itemIndex: 1, expected: '6' } } }]);
    expect((await post(batch([], { streamId: 'x' }))).status).toBe(422);
  });

  it('takes a gateway’s own word alone', async () => {
    const foreign = await post(batch([observation(5)], { siteId: SITE_B }));
    expect([foreign.status, foreign.body]).toMatchObject([
      403,
      { error: { code: 'FORBIDDEN', details: { field: 'siteId' } } },
    ]);
    const stranger = await post(batch([observation(5)]), house.tokens.operatorA);
    expect(stranger.status).toBe(401);
    expect(stranger.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it('refuses what is too large or no JSON', async () => {
    expect((await post(batch(Array.from({ length: 2_001 }, (_, at) => observation(5 + at))))).status).toBe(413);
    const noise = await request(house.url)
      .post('/ingest/v1/batches')
      .set('authorization', `Bearer ${house.tokens.gatewayA}`)
      .set('content-type', 'application/json')
      .send('{"items": [');
    expect([noise.status, noise.body]).toMatchObject([422, { error: { code: 'INVALID_INPUT' } }]);
  });

  it('takes health reports', async () => {
    const spool = { bytes: 10, maxBytes: 100, unsentItems: 4, oldestUnsentAt: null, damagedRecords: 0 };
    const answer = await request(house.url)
      .post('/ingest/v1/health')
      .set('authorization', `Bearer ${house.tokens.gatewayA}`)
      .send({ gatewayId: GATEWAY_A, siteId: SITE_A, at: Date.now(), spool, devices: [] });
    expect(answer.status).toBe(204);
    const told = await request(house.url)
      .post('/graphql')
      .set('authorization', `Bearer ${house.tokens.operatorA}`)
      .send({ query: `{ gateways { code unsentItems spoolBytes } }` });
    expect(told.body).toEqual({ data: { gateways: [{ code: GATEWAY_A, unsentItems: 4, spoolBytes: 10 }] } });
  });
});
