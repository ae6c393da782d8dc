import { createLogger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { Client } from 'pg';
import { BoxtrailServer } from '../../apps/server/src/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { askFor, buildAuditWorld, CASE, type Answer, type AuditTokens } from './audit-world.js';
import { DAY, fact, HANDOVER, SITE_B, tell } from './graphql-world.js';

export type Row = Readonly<Record<string, unknown>>;

/** A service over the audit's world with an event at each of its two sites, and the eyes of the database's owner. */
export class AuditHouse {
  private constructor(
    readonly store: TestDatabase,
    readonly database: Database,
    readonly tokens: AuditTokens,
    readonly server: BoxtrailServer,
    readonly url: string,
    readonly owner: Client,
    readonly eventA: string,
    readonly eventB: string,
  ) {}

  static async open(): Promise<AuditHouse> {
    const store = await createTestDatabase();
    const database = new Database({ app: store.appUrl, ingest: store.ingestUrl });
    const tokens = await buildAuditWorld(database);
    const [eventA = '', eventB = ''] = await tell(
      database,
      fact('at A', { occurredAt: HANDOVER + DAY }),
      fact('at B', { siteId: SITE_B, occurredAt: HANDOVER + DAY, gateId: null, laneId: null, zoneId: null }),
    );
    const server = await BoxtrailServer.create({ database, logger: createLogger('spec', 'silent') });
    const url = await server.listen(0, '127.0.0.1');
    const owner = new Client({ connectionString: store.ownerUrl });
    await owner.connect();
    return new AuditHouse(store, database, tokens, server, url, owner, eventA, eventB);
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.database.close();
    await this.owner.end();
    await this.store.drop();
  }

  ask<T = Row>(
    token: string,
    query: string,
    variables: object = {},
    caseNumber: string | null = CASE,
  ): Promise<Answer<T>> {
    return askFor<T>(this.url, token, caseNumber, query, variables);
  }

  async rows(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.owner.query<Row>(sql, [...values])).rows;
  }

  /** The records behind a place, oldest first. */
  recordsSince(sequence: string): Promise<Row[]> {
    return this.rows(
      `SELECT operation, actor_id, role, subject_type, subject_keys, asked, row_count, case_number, outcome, address, request_id
       FROM audit_record WHERE sequence > $1 ORDER BY sequence`,
      [sequence],
    );
  }

  /** Where the chain ends. */
  async head(): Promise<string> {
    return String((await this.rows('SELECT sequence FROM audit_head'))[0]?.['sequence']);
  }
}
