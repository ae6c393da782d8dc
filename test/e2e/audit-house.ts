import { Client } from 'pg';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { buildAuditWorld, type AuditTokens } from './audit-world.js';
import { DAY, fact, HANDOVER, SITE_B, tell } from './graphql-world.js';

export type Row = Readonly<Record<string, unknown>>;

/** A service over the audit's world with an event at each of its two sites, and the eyes of the database's owner. */
export interface AuditHouse extends ApiHouse<AuditTokens> {
  readonly owner: Client;
  readonly eventA: string;
  readonly eventB: string;
  rows(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The records behind a place, oldest first. */
  recordsSince(sequence: string): Promise<Row[]>;
  /** Where the chain ends. */
  head(): Promise<string>;
}

export async function openAuditHouse(): Promise<AuditHouse> {
  let events: readonly string[] = [];
  const house = await openApiHouse(async (database) => {
    const tokens = await buildAuditWorld(database);
    events = await tell(
      database,
      fact('at A', { occurredAt: HANDOVER + DAY }),
      fact('at B', { siteId: SITE_B, occurredAt: HANDOVER + DAY, gateId: null, laneId: null, zoneId: null }),
    );
    return tokens;
  });
  const owner = new Client({ connectionString: house.store.ownerUrl });
  await owner.connect();
  const [eventA = '', eventB = ''] = events;
  const rows = async (sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await owner.query<Row>(sql, [...values])).rows;
  return {
    ...house,
    owner,
    eventA,
    eventB,
    rows,
    recordsSince: (sequence) =>
      rows(
        `SELECT operation, actor_id, role, subject_type, subject_keys, asked, row_count, case_number, outcome, address, request_id
         FROM audit_record WHERE sequence > $1 ORDER BY sequence`,
        [sequence],
      ),
    head: async () => String((await rows('SELECT sequence FROM audit_head'))[0]?.['sequence']),
    async close() {
      await owner.end();
      await house.close();
    },
  };
}

/** The same, and records of customs' reads: something to read, to change, to miss and to archive. */
export async function openAuditHouseWithRecords(): Promise<AuditHouse> {
  const house = await openAuditHouse();
  for (let n = 0; n < 8; n += 1) await house.ask(house.tokens.customsA, '{ events(first: 1) { nodes { id } } }');
  return house;
}
