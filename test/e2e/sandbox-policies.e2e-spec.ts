import { Vault } from '#libs/identity';
import { derivedId } from '#libs/kernel';
import { Database, type Visibility } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSandbox } from '../../apps/server/src/sandbox/sandbox-ground.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { boxNumber, buildWorld, DAY, fact, HANDOVER, ORGANISATIONS, SHIPMENTS, SITE_A, tell } from './graphql-world.js';

/** What PostgreSQL itself keeps apart: the port and two sandboxes, table by table, whoever reads. */
const [ONE, TWO] = ['ZZSBX-ONE', 'ZZSBX-TWO'] as const;
const company = (site: string): string => derivedId('sandbox organisation', site, 'COMPANY');
const exported = (site: string): string => derivedId('sandbox shipment', site, 'EXPORT');
const imported = (site: string): string => derivedId('sandbox shipment', site, 'IMPORT');

/** Table → its column that says of which shipment a row is: all whose policy follows a shipment. */
const OF_SHIPMENT = {
  shipment: 'id',
  shipment_party: 'shipment_id',
  shipment_container: 'shipment_id',
  shipment_number: 'shipment_id',
  shipment_change: 'shipment_id',
  leg: 'shipment_id',
  milestone: 'shipment_id',
  company_window: 'shipment_id',
} as const;
const PORTS = [SHIPMENTS.tidewell, SHIPMENTS.northbank];
const SANDBOXED = [exported(ONE), imported(ONE), exported(TWO), imported(TWO)];

/** Heard of at the port and in both sandboxes. */
const BOX = boxNumber(123_001);
const NOWHERE = boxNumber(123_002);

let store: TestDatabase;
let database: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
  await buildWorld(database);
  for (const name of ['ONE', 'TWO']) await database.write((tx) => openSandbox(tx, Vault.unkept(), name));
  await fillTables();
  const at = {
    occurredAt: HANDOVER + DAY,
    asset: { kind: 'CONTAINER', code: BOX },
    gateId: null,
    laneId: null,
  } as const;
  for (const siteId of [SITE_A, ONE, TWO]) await tell(database, fact(siteId, { ...at, siteId, zoneId: null }));
});

afterAll(async () => {
  await database.close();
  await store.drop();
});

/** A row of each shipment in each table, and windows on the one box for companies of all three grounds. */
async function fillTables(): Promise<void> {
  await database.write(async (tx) => {
    const all = [[...PORTS, ...SANDBOXED]];
    const each = 'SELECT id FROM unnest($1::uuid[]) AS s(id)';
    for (const sql of [
      `INSERT INTO shipment_container (shipment_id, container_number, fullness) SELECT s.id, '${BOX}', 'LADEN' FROM (${each}) s`,
      `INSERT INTO shipment_number (shipment_id, kind, number) SELECT s.id, 'BILL', 'BL' FROM (${each}) s ON CONFLICT DO NOTHING`,
      `INSERT INTO shipment_change (id, shipment_id, kind, at, actor_id, organisation_id, details)
       SELECT gen_random_uuid(), s.id, 'BOOKED', now(), gen_random_uuid(), '${ORGANISATIONS.tidewell}', '{}' FROM (${each}) s`,
      `INSERT INTO leg (shipment_id, ordinal, mode, from_place, to_place) SELECT s.id, 50, 'ROAD', 'CNNBO', 'CNNBO' FROM (${each}) s`,
      `INSERT INTO milestone (shipment_id, ordinal, code) SELECT s.id, 50, 'GTIN' FROM (${each}) s`,
    ]) {
      await tx.query(sql, all);
    }
    // Also across: whoever makes them makes windows on numbers, and not on sides.
    for (const [organisation, shipment] of [
      [ORGANISATIONS.tidewell, SHIPMENTS.tidewell],
      [ORGANISATIONS.northbank, SHIPMENTS.northbank],
      [ORGANISATIONS.northbank, exported(ONE)],
      [company(ONE), exported(ONE)],
      [company(ONE), imported(ONE)],
      [company(ONE), SHIPMENTS.tidewell],
      [company(TWO), exported(TWO)],
      [company(TWO), imported(TWO)],
    ]) {
      await tx.query(
        'INSERT INTO company_window (organisation_id, container_number, shipment_id, valid_from) VALUES ($1, $2, $3, $4)',
        [organisation, BOX, shipment, new Date(HANDOVER)],
      );
    }
    for (const [code, siteId] of [
      [BOX, ONE],
      [NOWHERE, null],
    ]) {
      await tx.query(
        `INSERT INTO asset_state (asset_kind, asset_code, site_id, longitude, latitude, position_at, last_event_at, known_at)
         VALUES ('CONTAINER', $1, $2, 122, 29, $3, $3, $3)`,
        [code, siteId, new Date(HANDOVER + DAY)],
      );
    }
    for (const organisation of [ORGANISATIONS.tidewell, company(ONE)]) {
      await tx.query(
        'INSERT INTO company_window (organisation_id, container_number, shipment_id, valid_from) VALUES ($1, $2, $3, $4)',
        [organisation, NOWHERE, organisation === company(ONE) ? exported(ONE) : SHIPMENTS.tidewell, new Date(HANDOVER)],
      );
    }
  });
}

async function column(reader: Visibility, sql: string): Promise<unknown[]> {
  const rows = await database.read(reader, (tx) => tx.query<{ value: unknown }>(sql));
  return rows.map(({ value }) => value);
}

describe('customs', () => {
  const customs = (...siteIds: readonly string[]): Visibility => ({
    scope: 'CUSTOMS',
    organisationId: ORGANISATIONS.customs,
    siteIds,
  });
  const GROUNDS: readonly (readonly [string, Visibility, readonly string[]])[] = [
    ['of the port', customs(SITE_A), PORTS],
    ['without a site', customs(), PORTS],
    ['of one sandbox', customs(ONE), [exported(ONE), imported(ONE)]],
    ['of both', customs(ONE, TWO), SANDBOXED],
    ['of a sandbox and of the port', customs(SITE_A, TWO), [exported(TWO), imported(TWO)]],
  ];

  it.each(Object.entries(OF_SHIPMENT))('see in %s what is on their own ground, and all of it', async (table, of) => {
    for (const [whose, reader, shipments] of GROUNDS) {
      const seen = await column(reader, `SELECT DISTINCT ${of}::text AS value FROM ${table} ORDER BY 1`);
      // a shipment of which nobody has a window has no row there
      const there = await database.write((tx) =>
        tx.query<{ value: string }>(
          `SELECT DISTINCT ${of}::text AS value FROM ${table} WHERE ${of} = ANY ($1::uuid[]) ORDER BY 1`,
          [shipments],
        ),
      );
      expect(there).toHaveLength(shipments.length);
      expect([whose, seen]).toEqual([whose, there.map(({ value }) => value)]);
    }
  });

  it('are asked for their ground by these tables and by no other', async () => {
    const asking = await database.write((tx) =>
      tx.query<{ name: string }>(
        `SELECT tablename AS name FROM pg_policies WHERE qual LIKE '%reader_foreign_shipments()%' ORDER BY 1`,
      ),
    );
    expect(asking.map(({ name }) => name)).toEqual(Object.keys(OF_SHIPMENT).toSorted());
  });
});

describe('a company', () => {
  const reads = (organisationId: string): Visibility => ({ scope: 'COMPANY', organisationId });

  it.each([
    ['of the port', ORGANISATIONS.tidewell, [SITE_A], [NOWHERE]],
    ['of a sandbox', company(ONE), [ONE], [BOX]],
    ['of another sandbox', company(TWO), [TWO], []],
    ['of the port with a window under a sandbox’s shipment', ORGANISATIONS.northbank, [SITE_A], []],
  ])('%s sees of its boxes what is on its own ground', async (_, organisation, sites, places) => {
    const reader = reads(organisation);
    const events = `SELECT site_id AS value FROM tracking_event WHERE container_number = '${BOX}'`;
    expect(await column(reader, events)).toEqual(sites);
    const states = `SELECT asset_code AS value FROM asset_state WHERE asset_code IN ('${BOX}', '${NOWHERE}')`;
    expect(await column(reader, states)).toEqual(places);
  });

  it('that has no window on a box sees it on no ground', async () => {
    for (const organisation of [ORGANISATIONS.stranger, company('ZZSBX-NONE')]) {
      for (const table of ['tracking_event', 'asset_state', 'own_window', ...Object.keys(OF_SHIPMENT)]) {
        expect([table, await column(reads(organisation), `SELECT 1 AS value FROM ${table}`)]).toEqual([table, []]);
      }
    }
    expect(await column(reads(ORGANISATIONS.tidewell), `SELECT count(*)::int AS value FROM own_window`)).not.toEqual([
      0,
    ]);
  });
});
