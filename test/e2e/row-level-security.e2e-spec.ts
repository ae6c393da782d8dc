import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { openStory, PASS, type Story } from './graphql-story.js';
import { boxNumber, BOXES, DAY, HANDOVER, ORGANISATIONS, SHIPMENTS, SITE_A, SITE_B } from './graphql-world.js';

let house: Story;

beforeAll(async () => {
  house = await openStory();
});

afterAll(() => house.close());

describe('row-level security by itself', () => {
  const TABLES = [
    'tracking_event',
    'observation',
    'refused_input',
    'gate_pass',
    'truck_visit',
    'visit_transaction',
    'unresolved_observation',
    'alert',
    'device_health',
    'gateway_health',
    'asset_state',
    'shipment',
    'shipment_party',
    'shipment_container',
    'leg',
    'milestone',
    'company_window',
    'binding',
    'asset',
  ];

  it('shows the reading role no row of any table while nobody asks', async () => {
    for (const table of TABLES) {
      const [app] = await house.database.readPublic((tx) =>
        tx.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`),
      );
      const [all] = await house.database.write((tx) => tx.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`));
      expect([table, app?.n]).toEqual([table, '0']);
      expect(Number(all?.n)).toBeGreaterThan(0);
    }
  });

  it('hides a box’s state from a company when any part of it is older than its window', async () => {
    const number = boxNumber(100_009);
    const states = () =>
      house.database.read({ scope: 'COMPANY', organisationId: ORGANISATIONS.tidewell }, (tx) =>
        tx.query(`SELECT 1 FROM asset_state WHERE asset_code = $1`, [number]),
      );
    await house.database.write(async (tx) => {
      await tx.query(`INSERT INTO company_window VALUES ($1, $2, $3, $4, NULL)`, [
        ORGANISATIONS.tidewell,
        number,
        SHIPMENTS.tidewell,
        new Date(HANDOVER),
      ]);
      await tx.query(
        `INSERT INTO asset_state (asset_kind, asset_code, longitude, latitude, position_at, last_event_at, known_at)
         VALUES ('CONTAINER', $1, 122.05, 29.87, $2, $3, $3)`,
        [number, new Date(HANDOVER - 1), new Date(HANDOVER + DAY)],
      );
    });
    expect(await states()).toEqual([]);
    await house.database.write((tx) =>
      tx.query(`UPDATE asset_state SET position_at = $2 WHERE asset_code = $1`, [number, new Date(HANDOVER)]),
    );
    expect(await states()).toHaveLength(1);
  });

  it('shows a terminal the rides that its own passes began, and not those of another’s', async () => {
    const rides = (siteId: string) =>
      house.database.read({ scope: 'TERMINAL', organisationId: ORGANISATIONS.terminalA, siteIds: [siteId] }, (tx) =>
        tx.query(`SELECT 1 FROM binding WHERE kind = 'ASSET' AND subject = $1`, [`CONTAINER:${BOXES.nobody}`]),
      );
    await house.database.write((tx) =>
      tx.query(`INSERT INTO binding VALUES ($1, 'ASSET', $2, 'CONTAINER', $3, now(), NULL, 'PASS', $4)`, [
        newId(),
        `CONTAINER:${BOXES.nobody}`,
        BOXES.tidewell,
        PASS,
      ]),
    );
    expect(await rides(SITE_A)).toHaveLength(1);
    expect(await rides(SITE_B)).toEqual([]);
  });

  it('never carries one reader’s rights to the next over a pool of two, with errors and aborts inside transactions', async () => {
    const narrow = new Database(
      { app: house.store.appUrl, ingest: house.store.ingestUrl },
      { appConnections: 2, ingestConnections: 1 },
    );
    const read = (organisationId: string, sql: string) =>
      narrow.read({ scope: 'COMPANY', organisationId }, (tx) => tx.query<{ container_number: string }>(sql));
    const boxes = `SELECT DISTINCT container_number FROM tracking_event ORDER BY 1`;
    const own = new Map([
      [ORGANISATIONS.tidewell, (await read(ORGANISATIONS.tidewell, boxes)).map((row) => row.container_number)],
      [ORGANISATIONS.stranger, []],
    ]);
    expect(own.get(ORGANISATIONS.tidewell)).toContain(BOXES.reused);
    const turn = async (at: number): Promise<void> => {
      const organisation = at % 2 === 0 ? ORGANISATIONS.tidewell : ORGANISATIONS.stranger;
      if (at % 5 === 0) await expect(read(organisation, 'SELECT 1/0')).rejects.toThrow('division by zero');
      if (at % 7 === 0) await expect(narrow.readPublic((tx) => tx.query(boxes))).resolves.toEqual([]);
      const rows = await read(organisation, boxes);
      expect(rows.map((row) => row.container_number)).toEqual(own.get(organisation));
    };
    // Ten at once: whoever waits longer than the pool lets them is refused, and on a busy machine two hundred would.
    await Promise.all(
      Array.from({ length: 10 }, async (_, worker) => {
        for (let at = worker; at < 200; at += 10) await turn(at);
      }),
    );
    await narrow.close();
  });

  it('lets the reading role write nothing', async () => {
    const client = new Client({ connectionString: house.store.appUrl });
    await client.connect();
    for (const sql of [
      `DELETE FROM tracking_event`,
      `UPDATE shipment SET reference = 'x'`,
      `INSERT INTO person VALUES (gen_random_uuid(), 'x')`,
    ]) {
      await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
    await client.end();
  });
});
