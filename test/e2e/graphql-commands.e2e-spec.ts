import 'reflect-metadata';
import { derivedId, newId } from '#libs/kernel';
import { runOnce } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { ALERT, openStory, UNRESOLVED, type Nodes, type Story } from './graphql-story.js';
import { boxNumber, BOXES, LANE_A, SITE_A } from './graphql-world.js';

let house: Story;

beforeAll(async () => {
  house = await openStory();
});

afterAll(() => house.close());

describe('commands', () => {
  const mutation = `mutation ($input: ReportPassInput!, $key: IdempotencyKey!) {
    reportPass(input: $input, idempotencyKey: $key) { pass { id source truckPlate containerNumbers } } }`;
  const input = () => ({
    lane: LANE_A,
    direction: 'IN',
    truck: '浙B 24680',
    containers: [{ number: boxNumber(300_001), fullness: 'LADEN' }],
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    verdict: 'ACCEPTED',
    reason: 'tag broken',
  });

  it('have one effect and one answer for fifty requests with one key at once, and refuse another body', async () => {
    const body = input();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        house.ask(house.tokens.operatorA, mutation, { input: body, key: 'one-intent-1' }),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      data: {
        reportPass: { pass: { source: 'HAND', truckPlate: '浙B24680', containerNumbers: [boxNumber(300_001)] } },
      },
    });
    const { passes } = await house.data<{ passes: Nodes<unknown> }>(
      house.tokens.operatorA,
      `{ passes(filter: { truck: "浙B24680" }) { nodes { id } } }`,
    );
    expect(passes.nodes).toHaveLength(1);
    expect(
      await house.codeOf(house.tokens.operatorA, mutation, {
        input: { ...body, reason: 'another' },
        key: 'one-intent-1',
      }),
    ).toBe('IDEMPOTENCY_MISMATCH');
  });

  it('are for the lane’s own operators alone', async () => {
    expect(await house.codeOf(house.tokens.operatorB, mutation, { input: input(), key: 'foreign-lane-1' })).toBe(
      'NOT_FOUND',
    );
    expect(await house.codeOf(house.tokens.customs, mutation, { input: input(), key: 'wrong-role-1' })).toBe(
      'FORBIDDEN',
    );
  });

  it('name an unresolved reading once, and refuse a second word', async () => {
    const resolve = `mutation ($c: ContainerNumber, $key: IdempotencyKey!) { resolveObservation(
      input: { id: "${globalId('UnresolvedObservation', SITE_A, UNRESOLVED)}", container: $c }, idempotencyKey: $key) {
      observation { state chosenContainer } events { kind containerNumber } } }`;
    const answer = await house.data<{ resolveObservation: unknown }>(house.tokens.operatorA, resolve, {
      c: BOXES.tidewell,
      key: 'resolve-it-1',
    });
    expect(answer.resolveObservation).toMatchObject({
      observation: { state: 'RESOLVED', chosenContainer: BOXES.tidewell },
    });
    expect(await house.codeOf(house.tokens.operatorA, resolve, { c: BOXES.reused, key: 'resolve-it-2' })).toBe(
      'CONFLICT',
    );
  });

  it('acknowledge an alert of the own terminal', async () => {
    const acknowledge = `mutation ($id: ID!, $key: IdempotencyKey!) { acknowledgeAlert(id: $id, idempotencyKey: $key) { alert { id } } }`;
    const id = globalId('Alert', SITE_A, ALERT);
    expect(await house.data(house.tokens.operatorA, acknowledge, { id, key: 'acknowledge-1' })).toEqual({
      acknowledgeAlert: { alert: { id } },
    });
    expect(await house.codeOf(house.tokens.operatorB, acknowledge, { id, key: 'acknowledge-2' })).toBe('NOT_FOUND');
    expect(await house.codeOf(house.tokens.operatorA, acknowledge, { id: 'nonsense', key: 'acknowledge-3' })).toBe(
      'NOT_FOUND',
    );
  });
});

describe('a key of idempotency in PostgreSQL', () => {
  const intent = { personId: newId(), key: 'twenty-at-once', operation: 'count', requestHash: new Uint8Array(32) };
  const effect = derivedId('the effect of a key');
  const once = (over: Partial<typeof intent> = {}) =>
    house.database.write((tx) =>
      runOnce(tx, { ...intent, ...over }, async () => {
        await tx.query(`INSERT INTO person VALUES ($1, 'effect')`, [effect]);
        return { drawn: newId() };
      }),
    );

  it('has one effect and one answer when many transactions bring it at once, as from several processes', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => once()));
    expect(new Set(answers.map((answer) => answer.drawn)).size).toBe(1);
    await expect(once({ requestHash: new Uint8Array(32).fill(1) })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
    });
    await expect(once({ operation: 'another' })).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  it('is free again when its work failed', async () => {
    const failing = { ...intent, key: 'fails-first' };
    await expect(
      house.database.write((tx) => runOnce(tx, failing, () => Promise.reject(new Error('no')))),
    ).rejects.toThrow('no');
    expect(await house.database.write((tx) => runOnce(tx, failing, () => Promise.resolve(7)))).toBe(7);
  });
});
