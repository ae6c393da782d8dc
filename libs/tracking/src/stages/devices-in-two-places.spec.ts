import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import type { HealthReport, UplinkBatch } from '#libs/lane';
import { Database } from '#libs/persistence';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.js';
import { Ingest } from '../ingest.js';

const [HERE, THERE] = ['CNNBO-BLYUA', 'CNNBO-ZHCT'];

let store: TestDatabase;
let database: Database;
let ingest: Ingest;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  ingest = new Ingest(database);
  await database.write(async (tx) => {
    for (const site of [HERE, THERE]) {
      await tx.query(`INSERT INTO site VALUES ($1, 'CNNBO', 'X', $1, $1, 122.05, 29.88)`, [site]);
      await tx.query(`INSERT INTO gateway (id, site_id) VALUES ($2, $1)`, [site, `${site}/GW`]);
    }
  });
});

afterAll(async () => {
  await database.close();
  await store.drop();
});

function report(siteId: string, deviceId: string, inLane = true): HealthReport {
  const device = {
    deviceId,
    laneId: inLane ? `${siteId}/G1-L1` : null,
    state: 'OPEN' as const,
    stateSince: Date.now(),
    lastFrameAt: null,
    frames: 1,
    rejected: 0,
    skippedBytes: 0,
    reconnects: 0,
    lastError: null,
  };
  const spool = { bytes: 1, maxBytes: 2, unsentItems: 0, oldestUnsentAt: null, damagedRecords: 0 };
  return { gatewayId: `${siteId}/GW`, siteId, at: Date.now(), spool, devices: [device] };
}

function batch(siteId: string, deviceId: string, inLane = true): UplinkBatch {
  const at = Date.now();
  const observation = {
    ...{ deviceId, boot: 'b', sequence: 1, occurredAt: at, receivedAt: at },
    laneId: inLane ? `${siteId}/G1-L1` : null,
    body: { kind: 'CardRead' as const, cardNumber: '1' },
  };
  const items = [{ sequence: 1, kind: 'observation' as const, observation }];
  return { gatewayId: `${siteId}/GW`, siteId, streamId: newId(), sentAt: at, items };
}

const alertsOf = (deviceId: string): Promise<Record<string, unknown>[]> =>
  database.write((tx) =>
    tx.query(
      `SELECT a.site_id AS site, a.kind, a.severity, a.details->>'otherSiteId' AS other, count(o.*)::int AS announced
       FROM alert a JOIN outbox o ON o.topic = 'alert' AND o.subject_id = a.id WHERE a.device_id = $1
       GROUP BY a.site_id, a.id ORDER BY 1`,
      [deviceId],
    ),
  );
const both = [
  { site: HERE, kind: 'DEVICE_CLONED', severity: 'CRITICAL', other: THERE, announced: 1 },
  { site: THERE, kind: 'DEVICE_CLONED', severity: 'CRITICAL', other: HERE, announced: 1 },
];

describe('a reader’s id heard at two terminals', () => {
  it('raises one alarm at each, by health reports, however often', async () => {
    for (const site of [HERE, THERE, HERE, THERE]) await ingest.reportHealth(report(site, 'uhf-1'));
    expect(await alertsOf('uhf-1')).toEqual(both);
  });

  it('raises it by readings too, and the readings of both stand', async () => {
    await ingest.reportHealth(report(HERE, 'uhf-2'));
    for (const site of [THERE, HERE, THERE]) await ingest.accept(batch(site, 'uhf-2'));
    expect(await alertsOf('uhf-2')).toEqual(both);
    const kept = await database.write((tx) =>
      tx.query(`SELECT DISTINCT site_id AS site FROM observation WHERE device_id = 'uhf-2' ORDER BY 1`),
    );
    expect(kept).toEqual([{ site: HERE }, { site: THERE }]);
  });

  it('raises none for a receiver on a truck, nor ten minutes behind', async () => {
    await ingest.reportHealth(report(HERE, 'gnss-1', false));
    await ingest.reportHealth(report(THERE, 'gnss-1', false));
    await ingest.accept(batch(THERE, 'gnss-1', false));
    await ingest.reportHealth({ ...report(HERE, 'uhf-3'), at: Date.now() - 601_000 });
    await ingest.reportHealth(report(THERE, 'uhf-3'));
    expect([...(await alertsOf('gnss-1')), ...(await alertsOf('uhf-3'))]).toEqual([]);
  });
});
