import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  companyCode,
  readScale,
  SCALE_SEED,
  seedScale,
  shipmentReference,
  type ScaleWorld,
} from '../../../fixtures/scale/index.js';
import { enrolPerson, issueToken, Vault } from '../../../libs/identity/src/index.js';
import {
  Database,
  migrate,
  prepareRoles,
  readerSettings,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type ReaderSettings,
} from '../../../libs/persistence/src/index.js';
import { seededRandom } from '../seeded-random.js';
import { processorTimeOfFamily } from '../support/processor-time.js';
import type { Document } from './documents.js';
import { PEER_SCHEMA } from './peer-schema.js';

const COUNTS = { companies: 100, shipments: 10_000, events: 200_000 };
/** Askers in hundredths of all companies, from the largest to one of the smallest. */
const ASKERS = [0, 1, 3, 10, 30, 50, 70, 90] as const;
const QUESTIONS = 240;
const DAY_MS = 86_400_000;
const PERIOD_MS = 30 * DAY_MS;

export interface Question {
  readonly token: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A made-up port in a PostgreSQL of its own with its real settings, people who ask, and what they ask. */
export class BenchWorld {
  private readonly drawn = new Map<Document['name'], readonly Question[]>();

  private constructor(
    readonly folder: string,
    private readonly isThrowaway: boolean,
    private readonly postgres: EmbeddedPostgres,
    readonly appUrl: string,
    readonly ingestUrl: string,
    private readonly customs: string,
    private readonly companies: ReadonlyMap<number, string>,
    private readonly port: ScaleWorld,
    /** Token → what our policies read of a transaction in its name. */
    readonly settings: Readonly<Record<string, ReaderSettings>>,
  ) {}

  /** A port of its own; with BENCH_STATE_DIR the one that `boxtrail seed-scale` filled there with the seed that it takes by itself. */
  static async open(): Promise<BenchWorld> {
    const kept = process.env['BENCH_STATE_DIR'];
    const folder = kept ?? mkdtempSync(join(tmpdir(), 'boxtrail-bench-graphql-'));
    const postgres = await startEmbeddedPostgres({ stateDir: folder });
    const { ownerUrl } = postgres;
    await migrate(ownerUrl);
    const { appUrl, ingestUrl } = await prepareRoles(ownerUrl, { app: 'bench-app', ingest: 'bench-ingest' });
    const port =
      kept === undefined
        ? await seedScale({ ownerUrl, ingestUrl, counts: COUNTS })
        : await inDatabase(ingestUrl, (database) => database.write(readScale));
    await asOwner(ownerUrl, PEER_SCHEMA);
    const settings: Record<string, ReaderSettings> = {};
    const companies = new Map<number, string>();
    const customs = await inDatabase(ingestUrl, async (database) => {
      const [seal] = await database.write((tx) => tx.query<{ key: Buffer }>('SELECT key FROM reader_key'));
      if (seal === undefined) throw new Error('the database has no key for seals');
      for (const company of askersOf(port)) {
        const token = await enrol(database, 'LOGISTICS', companyCode(company));
        companies.set(company, token);
        settings[token] = readerSettings(seal.key, { scope: 'COMPANY', organisationId: port.companyId(company) });
      }
      const [office] = await database.write((tx) =>
        tx.query<{ id: string; code: string; sites: string[] }>(
          `SELECT o.id, o.code, ARRAY(SELECT s.site_id FROM organisation_site s WHERE s.organisation_id = o.id ORDER BY 1) AS sites
           FROM organisation o WHERE o.kind = 'CUSTOMS_OFFICE' ORDER BY o.code LIMIT 1`,
        ),
      );
      if (office === undefined) throw new Error('the port has no customs office');
      const token = await enrol(database, 'CUSTOMS_OFFICER', office.code);
      settings[token] = readerSettings(seal.key, {
        scope: 'CUSTOMS',
        organisationId: office.id,
        siteIds: office.sites,
      });
      return token;
    });
    return new BenchWorld(folder, kept === undefined, postgres, appUrl, ingestUrl, customs, companies, port, settings);
  }

  get story(): string {
    const { companies, shipments, voyages, boxes, events, seed } = this.port.plan;
    return `seed ${seed}: ${companies} companies, ${shipments} shipments with ${voyages} boxes (${boxes} different ones), ${events} events; ${QUESTIONS} different questions a document`;
  }

  /** The same questions at each call, spread over askers and time. */
  questions({ name, asker }: Document): readonly Question[] {
    const known = this.drawn.get(name) ?? (asker === 'customs' ? this.periods() : this.shipments(name));
    this.drawn.set(name, known);
    return known;
  }

  private periods(): readonly Question[] {
    const random = seededRandom(SCALE_SEED);
    const { beginsAt, spanMs } = this.port.plan;
    return Array.from({ length: QUESTIONS }, () => {
      const to = Math.floor(beginsAt + PERIOD_MS + random() * (spanMs - PERIOD_MS));
      const variables = { from: new Date(to - PERIOD_MS).toISOString(), to: new Date(to).toISOString() };
      return { token: this.customs, variables };
    });
  }

  private shipments(name: Document['name']): readonly Question[] {
    const random = seededRandom(SCALE_SEED);
    const own = this.shipmentsOfAskers();
    return Array.from({ length: QUESTIONS }, (_, i) => {
      const company = askersOf(this.port)[i % ASKERS.length] ?? 0;
      const shipments = own.get(company) ?? [];
      const shipment = this.port.shipment(shipments[Math.floor(random() * shipments.length)] ?? 0);
      const token = this.companies.get(company) ?? '';
      return name === 'shipment'
        ? { token, variables: { reference: shipmentReference(shipment.number) } }
        : { token, variables: { number: shipment.boxes[Math.floor(random() * shipment.boxes.length)] ?? '' } };
    });
  }

  postgresCpuS(): number {
    return processorTimeOfFamily(this.postgres.pid);
  }

  async close(): Promise<void> {
    await this.postgres.stop();
    if (this.isThrowaway) rmSync(this.folder, { recursive: true, force: true });
  }

  private shipmentsOfAskers(): ReadonlyMap<number, readonly number[]> {
    const own = new Map(askersOf(this.port).map((company): [number, number[]] => [company, []]));
    for (let number = 0; number < this.port.plan.shipments; number += 1) {
      const { forwarder, owner } = this.port.shipment(number);
      for (const company of new Set([forwarder, owner])) own.get(company)?.push(number);
    }
    return own;
  }
}

const askersOf = ({ plan: { companies } }: ScaleWorld): readonly number[] =>
  ASKERS.map((hundredths) => Math.floor((hundredths / 100) * companies));

function enrol(database: Database, role: 'LOGISTICS' | 'CUSTOMS_OFFICER', organisationCode: string): Promise<string> {
  return database.write(async (tx) => {
    const member = await enrolPerson(tx, Vault.unkept(), {
      organisationCode,
      role,
      displayName: `bench ${organisationCode}`,
    });
    return await issueToken(tx, { ...member, role });
  });
}

async function inDatabase<T>(ingestUrl: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = new Database({ app: ingestUrl, ingest: ingestUrl }, { appConnections: 1, ingestConnections: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function asOwner(ownerUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
