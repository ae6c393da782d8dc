import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { openStory, type Nodes, type Story } from './graphql-story.js';
import { BOXES, LANE_A, SITE_A } from './graphql-world.js';

let house: Story;

beforeAll(async () => {
  house = await openStory();
});

afterAll(() => house.close());

describe('wrong input', () => {
  it.each([
    ['a box number', `{ container(number: "SIMU1000013") { id } }`, 'INVALID_CONTAINER_NUMBER', 'number'],
    ['a plate', `{ events(filter: { truck: "B12345" }) { nodes { id } } }`, 'INVALID_LICENCE_PLATE', 'filter.truck'],
    ['a page of a million', `{ events(first: 1000000) { nodes { id } } }`, 'INVALID_PAGE_SIZE', 'first'],
    ['an empty page', `{ events(first: 0) { nodes { id } } }`, 'INVALID_PAGE_SIZE', 'first'],
    [
      'a period that ends before it begins',
      `{ events(filter: { period: { from: "2026-11-22T00:00:00Z", to: "2026-11-21T00:00:00Z" } }) { nodes { id } } }`,
      'INVALID_PERIOD',
      'filter.period',
    ],
    [
      'a day that no month has',
      `{ events(filter: { period: { from: "2026-02-30T00:00:00Z" } }) { nodes { id } } }`,
      'INVALID_INPUT',
      'filter.period.from',
    ],
    [
      'a text that PostgreSQL cannot hold',
      `{ events(filter: { site: "a\\u0000" }) { nodes { id } } }`,
      'INVALID_INPUT',
      'filter.site',
    ],
    ['a foreign cursor', `{ events(after: "bm9uc2Vuc2U") { nodes { id } } }`, 'INVALID_CURSOR', 'after'],
    ['an unknown field', `{ events { nodes { colour } } }`, 'INVALID_INPUT', undefined],
    ['no GraphQL at all', `{ events `, 'INVALID_INPUT', undefined],
  ])('is told: %s', async (_name, query, code, field) => {
    const { errors } = await house.ask(house.tokens.customs, query);
    expect(errors?.[0]?.extensions).toMatchObject({ code, retryable: false, messageZh: expect.any(String) });
    expect((errors?.[0]?.extensions['details'] as unknown as { field?: string }).field).toBe(field);
  });

  it.each([
    ['input.lane', { lane: 'a\0' }],
    ['input.reason', { reason: 'a\0' }],
    ['input.reason', { reason: ' ' }],
    ['input.chassis', { chassis: '浙'.repeat(21) }],
  ])('of a command is told with %s', async (field, changes) => {
    const { errors } = await house.ask(
      house.tokens.operatorA,
      `mutation ($i: ReportPassInput!) { reportPass(input: $i, idempotencyKey: "wrong-input") { pass { id } } }`,
      {
        i: {
          lane: LANE_A,
          direction: 'IN',
          truck: '浙B24680',
          containers: [],
          occurredAt: new Date().toISOString(),
          verdict: 'ACCEPTED',
          reason: 'tag broken',
          ...changes,
        },
      },
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', details: { field } });
  });

  it('is told of a variable with its path', async () => {
    const { errors } = await house.ask(
      house.tokens.customs,
      `query ($f: TrackingEventFilter) { events(filter: $f) { nodes { id } } }`,
      {
        f: { container: 'SIMU1000013' },
      },
    );
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_CONTAINER_NUMBER',
      details: { field: 'f.container', value: 'SIMU1000013' },
    });
  });

  it('refuses a cursor of the same list with another filter', async () => {
    const { events } = await house.data<{ events: Nodes<unknown> }>(
      house.tokens.customs,
      `{ events(first: 1) { nodes { id } pageInfo { endCursor } } }`,
    );
    const cursor = events.pageInfo.endCursor ?? '';
    expect(
      await house.codeOf(
        house.tokens.customs,
        `{ events(first: 1, after: "${cursor}", filter: { site: "${SITE_A}" }) { nodes { id } } }`,
      ),
    ).toBe('INVALID_CURSOR');
    expect(await house.codeOf(house.tokens.customs, `{ passes(first: 1, after: "${cursor}") { nodes { id } } }`)).toBe(
      'INVALID_CURSOR',
    );
  });

  it('refuses documents that are too deep, too wide, too long or a ring, before anything runs', async () => {
    const deep = `{ container(number: "${BOXES.reused}") ${'{ shipments { containers { container '.repeat(6)} { id } ${'} } }'.repeat(6)} }`;
    expect(await house.codeOf(house.tokens.customs, deep)).toBe('LIMIT_EXCEEDED');
    const aliases = Array.from({ length: 1_000 }, (_, at) => `a${at}: sites { id }`).join(' ');
    expect(await house.codeOf(house.tokens.customs, `{ ${aliases} }`)).toBe('LIMIT_EXCEEDED');
    expect(await house.codeOf(house.tokens.customs, `{ ${'...on Query { sites { id } } '.repeat(11)} }`)).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(await house.codeOf(house.tokens.customs, `{ ${'sites { id } '.repeat(2_000)} }`)).toBe('LIMIT_EXCEEDED');
    const doubling = Array.from(
      { length: 20 },
      (_, at) =>
        `fragment f${at} on Query { a: node(id: "x") { id } ...f${at + 1} b: node(id: "x") { ... on Query { ...f${at + 1} } } }`,
    );
    expect(
      await house.codeOf(
        house.tokens.customs,
        `{ ...f0 } ${doubling.join(' ')} fragment f20 on Query { sites { id } }`,
      ),
    ).toBe('LIMIT_EXCEEDED');
    expect(
      await house.codeOf(house.tokens.customs, `{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`),
    ).toBe('INVALID_INPUT');
    const long = await request(house.url)
      .post('/graphql')
      .send({ query: `{ sites { id } } #${'x'.repeat(1_000_000)}` });
    expect(long.status).toBe(413);
  });
});

describe('tokens', () => {
  it('are needed, and an unknown, expired or revoked one is refused alike', async () => {
    const query = `{ viewer { displayName } }`;
    const answers = [await house.ask('bxt_unknown', query)];
    for (const column of ['expires_at', 'revoked_at']) {
      const token = `${column}-token`;
      await house.database.write((tx) =>
        tx.query(
          `INSERT INTO access_token (id, token_hash, person_id, organisation_id, role, ${column})
           SELECT $1, sha256($2), person_id, organisation_id, role, now() - interval '1 second' FROM membership WHERE role = 'CUSTOMS_OFFICER'`,
          [newId(), Buffer.from(token)],
        ),
      );
      answers.push(await house.ask(token, query));
    }
    expect(answers.map((answer) => answer.errors?.[0]?.extensions.code)).toEqual(Array(3).fill('UNAUTHENTICATED'));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await house.codeOf(null, query)).toBe('UNAUTHENTICATED');
  });
});
