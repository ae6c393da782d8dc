import 'reflect-metadata';
import { issueToken } from '#libs/identity';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { globalId } from '../../apps/server/src/api/shared/global-id.js';
import { CASE, codesOf } from '../support/api-house.js';
import { until } from '../support/until.js';
import { BOXES, fact, HANDOVER, DAY, SITE_A, SITE_B, tell } from './graphql-world.js';
import { openAuditHouse, type AuditHouse, type Row } from './audit-house.js';

let house: AuditHouse;

beforeAll(async () => {
  house = await openAuditHouse();
});

afterAll(() => house.close());

const EVENTS = `query ($site: String) { events(filter: { site: $site }, first: 5) { nodes { id kind } } }`;
const CUSTOMS_READS: readonly string[] = [
  `{ events(first: 5) { nodes { id } } }`,
  `{ container(number: "${BOXES.reused}") { number chain { nodes { kind } } } }`,
  `{ shipments { nodes { reference } } }`,
  `{ shipment(reference: "TW-1") { reference } }`,
  `{ passes { nodes { id } } }`,
  `{ truckVisits { nodes { id } } }`,
  `{ alerts { nodes { id } } }`,
  `{ devices { code } }`,
  `{ gateways { code } }`,
  `{ lanes { code passes { nodes { id } } } }`,
  `{ journalEnd }`,
  `{ webhookEndpoints { id } }`,
  `{ inspectionTargets { nodes { targetId } } }`,
];

describe('customs’ reads', () => {
  it.each(CUSTOMS_READS)('%s is refused without the number of a case, and recorded', async (query) => {
    const before = await house.head();
    const refused = await house.ask(house.tokens.customsA, query, {}, null);
    expect([query, codesOf(refused)[0], refused.data ?? null]).toEqual([query, 'CASE_NUMBER_REQUIRED', null]);
    expect(await house.recordsSince(before)).toEqual([
      expect.objectContaining({ outcome: 'CASE_NUMBER_REQUIRED', case_number: null, role: 'CUSTOMS_OFFICER' }),
    ]);
    expect(codesOf(await house.ask(house.tokens.customsA, query))).toEqual([]);
  });

  it('need no reason for what is public and for who they are', async () => {
    const before = await house.head();
    for (const query of ['{ viewer { role } }', '{ sites { code } }', `{ zones(site: "${SITE_A}") { code } }`]) {
      expect(codesOf(await house.ask(house.tokens.customsA, query, {}, null))).toEqual([]);
    }
    expect(await house.recordsSince(before)).toEqual([]);
  });

  it('are recorded with who, what, why, how many rows, from where, and one id for a request', async () => {
    const before = await house.head();
    const answer = await house.ask<{ events: { nodes: Row[] } }>(house.tokens.customsA, EVENTS, { site: SITE_A });
    expect(answer.data?.events.nodes).toHaveLength(1);
    const [record] = await house.recordsSince(before);
    expect(record).toEqual({
      operation: 'Query.events',
      actor_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      role: 'CUSTOMS_OFFICER',
      subject_type: 'TrackingEvent',
      subject_keys: [],
      asked: {
        arguments: { filter: { site: SITE_A, includeWithdrawn: false }, first: 5 },
        selection: expect.stringContaining('kind'),
      },
      row_count: 1,
      case_number: CASE,
      outcome: 'DONE',
      address: '127.0.0.1',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('take a number in any script, percent-encoded, and refuse what is none', async () => {
    const before = await house.head();
    const chinese = '甬关缉违字〔2026〕0001号';
    expect(codesOf(await house.ask(house.tokens.customsA, EVENTS, {}, encodeURIComponent(chinese)))).toEqual([]);
    expect((await house.recordsSince(before))[0]?.['case_number']).toBe(chinese);
    for (const wrong of ['abc', 'a b c d', '%E4%zz', 'x'.repeat(61)]) {
      expect([wrong, codesOf(await house.ask(house.tokens.customsA, EVENTS, {}, wrong))]).toEqual([
        wrong,
        ['INVALID_INPUT'],
      ]);
    }
  });

  it('through node(id) are reads like the others, found or not', async () => {
    const query = `query ($id: ID!) { node(id: $id) { id } }`;
    const id = globalId('TrackingEvent', SITE_A, house.eventA);
    expect(codesOf(await house.ask(house.tokens.customsA, query, { id }, null))).toEqual(['CASE_NUMBER_REQUIRED']);
    const before = await house.head();
    expect((await house.ask<{ node: Row }>(house.tokens.customsA, query, { id })).data?.node).toEqual({ id });
    const foreign = await house.ask(house.tokens.customsA, query, {
      id: globalId('TrackingEvent', SITE_B, house.eventB),
    });
    expect(foreign.data?.['node']).toBeNull();
    expect(await house.recordsSince(before)).toEqual([
      expect.objectContaining({ subject_type: 'TrackingEvent', subject_keys: [SITE_A, house.eventA], row_count: 1 }),
      expect.objectContaining({ subject_type: 'TrackingEvent', subject_keys: [SITE_B, house.eventB], row_count: 0 }),
    ]);
  });

  it('as an export are recorded page by page', async () => {
    const fetched = (caseNumber?: string) =>
      fetch(`${house.url}/exports/v1/events.ndjson`, {
        headers: {
          authorization: `Bearer ${house.tokens.customsA}`,
          ...(caseNumber === undefined ? {} : { 'x-case-number': caseNumber }),
        },
      });
    const refused = await fetched();
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('CASE_NUMBER_REQUIRED')]);
    const before = await house.head();
    expect((await (await fetched(CASE)).text()).trim().split('\n')).toHaveLength(1);
    expect(await house.recordsSince(before)).toEqual([
      expect.objectContaining({ operation: 'Query.events', case_number: CASE, row_count: 1 }),
    ]);
  });

  it('as an export are recorded also when the token is not for exports', async () => {
    const { rows: people } = await house.owner.query<{ person_id: string; organisation_id: string }>(
      `SELECT m.person_id, m.organisation_id FROM membership m JOIN organisation_site s USING (organisation_id)
       WHERE m.role = 'CUSTOMS_OFFICER' AND s.site_id = $1 LIMIT 1`,
      [SITE_A],
    );
    const { person_id: personId, organisation_id: organisationId } = people[0] ?? {
      person_id: '',
      organisation_id: '',
    };
    const token = await house.database.write((tx) =>
      issueToken(tx, { personId, organisationId, role: 'CUSTOMS_OFFICER', scopes: ['READ'] }),
    );
    const before = await house.head();
    for (const path of ['events.csv', 'progress/none']) {
      const refused = await fetch(`${house.url}/exports/v1/${path}`, {
        headers: { authorization: `Bearer ${token}`, 'x-case-number': CASE },
      });
      expect([path, refused.status, await refused.text()]).toEqual([path, 403, expect.stringContaining('FORBIDDEN')]);
    }
    const record = { operation: 'GET /exports/v1', actor_id: personId, role: 'CUSTOMS_OFFICER', outcome: 'FORBIDDEN' };
    expect(await house.recordsSince(before)).toEqual([
      expect.objectContaining({ ...record, subject_keys: ['events.csv'], case_number: CASE, address: '127.0.0.1' }),
      expect.objectContaining({ ...record, subject_keys: ['progress/none'] }),
    ]);
  });

  it('as a subscription are recorded at its start', async () => {
    const started = async (connectionParams: Record<string, unknown>): Promise<string> => {
      const client = createClient({
        url: house.socketUrl,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${house.tokens.customsA}`, ...connectionParams },
        retryAttempts: 0,
      });
      try {
        for await (const { data, errors } of client.iterate({
          query: `subscription { eventRecorded(after: "${Buffer.from('0.0').toString('base64url')}") { kind } }`,
        })) {
          return errors?.[0] === undefined ? JSON.stringify(data) : String(errors[0].extensions?.['code']);
        }
        return 'ended';
      } finally {
        await client.dispose();
      }
    };
    expect(await started({})).toContain('CASE_NUMBER_REQUIRED');
    for (const given of [{ caseNumber: CASE }, { headers: { 'x-case-number': CASE } }]) {
      const before = await house.head();
      expect(await started(given)).toContain('ContainerGatedIn');
      expect(await house.recordsSince(before)).toEqual([
        expect.objectContaining({ operation: 'Subscription.eventRecorded', case_number: CASE, row_count: null }),
      ]);
    }
  });

  it('are those of their district: an office sees its own sites’ port events and no others', async () => {
    const seen = async (token: string): Promise<unknown> =>
      (await house.ask<{ events: { nodes: Row[] } }>(token, EVENTS)).data?.events.nodes.map(({ id }) => id);
    const [a, b] = [globalId('TrackingEvent', SITE_A, house.eventA), globalId('TrackingEvent', SITE_B, house.eventB)];
    expect(await seen(house.tokens.customsA)).toEqual([a]);
    expect(await seen(house.tokens.customsB)).toEqual([b]);
    expect(new Set((await seen(house.tokens.customs)) as string[])).toEqual(new Set([a, b]));
  });

  it('are refused when the audit cannot be written, and come back with it', async () => {
    await house.owner.query('REVOKE INSERT (operation) ON audit_record FROM boxtrail_ingest');
    try {
      const refused = await house.ask(house.tokens.customsA, EVENTS);
      expect([refused.data ?? null, refused.errors?.[0]?.extensions]).toEqual([
        null,
        expect.objectContaining({
          code: 'UNAVAILABLE',
          retryable: true,
          details: expect.objectContaining({ part: 'audit' }),
        }),
      ]);
      // nobody else hangs on it
      expect(codesOf(await house.ask(house.tokens.operatorA, EVENTS))).toEqual([]);
    } finally {
      await house.owner.query('GRANT INSERT (operation) ON audit_record TO boxtrail_ingest');
    }
    expect(codesOf(await house.ask(house.tokens.customsA, EVENTS))).toEqual([]);
  });
});

describe('a webhook of customs', () => {
  it('keeps the case for which it was made', async () => {
    const create = `mutation ($key: IdempotencyKey!) { createWebhook(input: { url: "https://hooks.example.com/c", description: "ours" },
      idempotencyKey: $key) { endpoint { id caseNumber } } }`;
    expect(codesOf(await house.ask(house.tokens.customsA, create, { key: newId() }, null))).toEqual([
      'CASE_NUMBER_REQUIRED',
    ]);
    const made = await house.ask<{ createWebhook: { endpoint: Row } }>(house.tokens.customsA, create, { key: newId() });
    expect(made.data?.createWebhook.endpoint['caseNumber']).toBe(CASE);
    const [, uuid] = Buffer.from(String(made.data?.createWebhook.endpoint['id']), 'base64url').toString().split(':');
    await tell(house.database, fact('for the hook', { occurredAt: HANDOVER + 2 * DAY }));
    const followed = (): Promise<Row[]> =>
      house.rows(
        `SELECT case_number, row_count, role FROM audit_record WHERE operation = 'Webhook.follow' AND subject_keys = ARRAY[$1]`,
        [uuid],
      );
    await until('the record of what the webhook was told', async () => (await followed()).length > 0);
    expect(await followed()).toEqual([{ case_number: CASE, row_count: 1, role: 'CUSTOMS_OFFICER' }]);
  });
});

describe('a quarantine office', () => {
  it('sees what stands and moves at its sites: events and boxes, and neither passes, shipments, alerts, devices nor targets', async () => {
    const seen = await house.ask<{ events: { nodes: Row[] } }>(
      house.tokens.quarantineA,
      `{ events(first: 9) { nodes { site { code } kind } } }`,
      {},
      null,
    );
    expect(seen.data?.events.nodes.length).toBeGreaterThan(0);
    expect(new Set(seen.data?.events.nodes.map((node) => (node['site'] as Row)['code']))).toEqual(new Set([SITE_A]));
    expect(
      codesOf(
        await house.ask(
          house.tokens.quarantineA,
          `{ container(number: "${BOXES.reused}") { number place { at } } }`,
          {},
          null,
        ),
      ),
    ).toEqual([]);
    expect(
      codesOf(
        await house.ask(
          house.tokens.quarantineA,
          `{ container(number: "${BOXES.reused}") { chain { nodes { kind } } } }`,
          {},
          null,
        ),
      ),
    ).toEqual(['FORBIDDEN']);
    for (const query of [
      '{ events(first: 1) { nodes { pass { id } } } }',
      '{ passes { nodes { id } } }',
      '{ truckVisits { nodes { id } } }',
      '{ shipments { nodes { id } } }',
      '{ alerts { nodes { id } } }',
      '{ devices { code } }',
      '{ inspectionTargets { nodes { targetId } } }',
      '{ auditRecords { nodes { sequence } } }',
    ]) {
      const before = await house.head();
      expect([query, codesOf(await house.ask(house.tokens.quarantineA, query, {}, null))]).toEqual([
        query,
        ['FORBIDDEN'],
      ]);
      expect(await house.recordsSince(before)).toEqual([
        expect.objectContaining({ role: 'QUARANTINE_OFFICER', outcome: 'FORBIDDEN' }),
      ]);
    }
  });
});
