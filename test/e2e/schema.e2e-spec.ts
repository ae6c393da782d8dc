import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, isEnumType } from 'graphql';
import type { DataSource } from 'typeorm';
import { auditEntities } from '#libs/audit';
import { DELIVERY_STATES, ENDPOINT_STATES, exchangeEntities } from '#libs/exchange';
import { gateEntities } from '#libs/gate';
import {
  identityEntities,
  MACHINE_KEY_STATE_NAMES,
  ROLE_NAMES,
  type Principal,
  type SecondFactorState,
} from '#libs/identity';
import { EVENT_KINDS, journalEntities } from '#libs/journal';
import type { DeviceHealth, PassDecision } from '#libs/lane';
import { createDataSource, persistenceEntities } from '#libs/persistence';
import { shipmentsEntities, type ShipmentStatus } from '#libs/shipments';
import { targetingEntities } from '#libs/targeting';
import { trackingEntities } from '#libs/tracking';
import { STATUS_BY_FACT } from '../../apps/server/src/api/container/container.queries.js';
import { readSchema } from '../../apps/server/src/api/schema.files.js';
import { COLUMN_OF as GRANT_COLUMN } from '../../apps/server/src/api/window/window.queries.js';
import type * as Api from '../../apps/server/src/api/schema.generated.js';
import { SANDBOX_SCRIPTS } from '../../apps/server/src/sandbox/sandbox-scripts.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const ENTITIES = [
  ...trackingEntities,
  ...gateEntities,
  ...journalEntities,
  ...identityEntities,
  ...shipmentsEntities,
  ...exchangeEntities,
  ...auditEntities,
  ...targetingEntities,
  ...persistenceEntities,
];

/** Enum of the API, and the column whose CHECK takes the same words. */
const CHECKED = [
  ['Direction', 'gate_pass', 'direction'],
  ['PassOutcome', 'gate_pass', 'outcome'],
  ['PassSource', 'gate_pass', 'source'],
  ['TruckVisitState', 'truck_visit', 'state'],
  ['TransactionKind', 'visit_transaction', 'kind'],
  ['Fullness', 'visit_transaction', 'fullness'],
  ['UnresolvedReason', 'unresolved_observation', 'reason'],
  ['UnresolvedState', 'unresolved_observation', 'state'],
  ['AlertState', 'alert', 'state'],
  ['AlertSeverity', 'alert', 'severity'],
  ['Role', 'membership', 'role'],
  ['OrganisationKind', 'organisation', 'kind'],
  ['ZoneKind', 'zone', 'kind'],
  ['LaneDirection', 'lane', 'direction'],
  ['AssetKind', 'asset', 'kind'],
  ['EventSource', 'tracking_event', 'source'],
  ['Trade', 'shipment', 'trade'],
  ['PartyRole', 'shipment_party', 'role'],
  ['LegMode', 'leg', 'mode'],
  ['GatewayKeyState', 'machine_key', 'state'],
  ['WebhookState', 'webhook_endpoint', 'state'],
  ['WebhookDeliveryState', 'webhook_delivery', 'state'],
  ['OrganisationState', 'organisation', 'state'],
  ['AuditActorKind', 'audit_record', 'actor_kind'],
  ['AuditArchiveState', 'audit_archive', 'state'],
  ['InspectionTargetState', 'inspection_target', 'state'],
  ['OrganisationCommand', 'organisation_transition', 'command'],
  ['PaperKind', 'organisation_paper', 'kind'],
  ['PaperVerdict', 'organisation_paper', 'verdict'],
  ['ShipmentChangeKind', 'shipment_change', 'kind'],
  ['WindowSight', 'window_grant', 'seen_as'],
  ['SignInMethod', 'session', 'method'],
  ['Scope', 'access_token', 'scopes'],
] as const;

/** Enum of the API → the names of the table of data that it stands for. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  ContainerStatus: [...new Set(['NOT_SEEN', ...STATUS_BY_FACT.map(({ status }) => status)])],
  EventKind: Object.keys(EVENT_KINDS),
  GatewayKeyState: MACHINE_KEY_STATE_NAMES,
  GrantDirection: Object.keys(GRANT_COLUMN),
  Role: ROLE_NAMES,
  SandboxScript: Object.keys(SANDBOX_SCRIPTS),
  WebhookState: ENDPOINT_STATES.names,
  WebhookDeliveryState: DELIVERY_STATES.names,
  // disabling is the service's own word
  WebhookCommand: [...new Set(Object.values(ENDPOINT_STATES.rows).flatMap(({ to }) => Object.keys(to)))].filter(
    (command) => command !== 'DISABLE',
  ),
};

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

/** Enums that neither a column nor a table holds: the compiler compares them with the domain's type. */
const TYPES: {
  readonly DeviceState: Same<Api.DeviceState, DeviceHealth['state'] | 'UNHEARD'>;
  readonly PassVerdict: Same<Api.PassVerdict, PassDecision['verdict']>;
  readonly PrincipalKind: Same<Api.PrincipalKind, Principal['kind']>;
  readonly SecondFactorState: Same<Api.SecondFactorState, SecondFactorState>;
  readonly ShipmentStatus: Same<Api.ShipmentStatus, ShipmentStatus>;
} = { DeviceState: true, PassVerdict: true, PrincipalKind: true, SecondFactorState: true, ShipmentStatus: true };

/** What both sides say of a column. */
interface Column {
  readonly type: string;
  readonly nullable: boolean;
  /** Its place in the primary key, from 0: site id leads that of every large table. */
  readonly key: number | null;
  readonly generated: boolean;
  readonly hasDefault: boolean;
}
type Tables = Record<string, Record<string, Column>>;
type ColumnMetadata = DataSource['entityMetadatas'][number]['columns'][number];

describe('entities and migrations', () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    source = createDataSource(database.ownerUrl, ENTITIES);
    await source.initialize();
  });

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  it('have the same tables, with the same columns, types, nullability, defaults and primary keys', async () => {
    expect(fromEntities(source)).toEqual(await fromCatalogue(source));
  });

  it('leave the schema builder nothing to add, drop or alter in a table', async () => {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    const ofColumns = upQueries
      .map(({ query }) => query)
      .filter((query) => /^(CREATE|DROP|ALTER) TABLE|^COMMENT ON COLUMN/.test(query))
      // checks, exclusions and foreign keys are the migration's alone
      .filter((query) => !/^ALTER TABLE \S+ DROP CONSTRAINT/.test(query));
    expect(ofColumns).toEqual([]);
  });

  it.each([
    { file: 'libs/journal/src/append.ts', table: 'tracking_event', list: /EVENT_COLUMNS = `([^`]+)`/ },
    { file: 'libs/journal/src/append.ts', table: 'outbox', list: /INSERT INTO outbox \(([^)]+)\)/ },
    { file: 'libs/tracking/src/stages/store-observations.ts', table: 'observation', list: /COLUMNS = `([^`]+)`/ },
    {
      file: 'libs/tracking/src/stages/store-observations.ts',
      table: 'refused_input',
      list: /INSERT INTO refused_input \(([^)]+)\)/,
    },
    { file: 'libs/gate/src/pass.store.ts', table: 'gate_pass', list: /INSERT INTO gate_pass \(([^)]+)\)/ },
    { file: 'libs/gate/src/pass.store.ts', table: 'truck_visit', list: /INSERT INTO truck_visit \(([^)]+)\)/ },
    {
      file: 'libs/gate/src/pass.store.ts',
      table: 'visit_transaction',
      list: /INSERT INTO visit_transaction \(([^)]+)\)/,
    },
  ])('$table is written by $file with every column that PostgreSQL does not fill', ({ file, table, list }) => {
    const written = names(list.exec(readFileSync(file, 'utf8'))?.[1]);
    const filledByPostgres = new Set(['recorded_at', 'created_at', 'xid', 'position']);
    const wanted = columnsOf(source, table).filter((name) => !filledByPostgres.has(name));
    expect(written.toSorted()).toEqual(wanted.toSorted());
  });

  it.each([
    {
      file: 'libs/journal/src/append.ts',
      table: 'tracking_event',
      rows: /jsonb_to_recordset\(\$1\) AS row\(([^`]+?)\)\n/,
    },
    {
      file: 'libs/tracking/src/stages/store-observations.ts',
      table: 'observation',
      rows: /jsonb_to_recordset\(\$1\) AS row\(([^`]+?)\)\n/,
    },
    {
      file: 'libs/tracking/src/stages/store-observations.ts',
      table: 'refused_input',
      rows: /jsonb_to_recordset\(\$2\) AS row\(([^`]+?)\)\n/,
    },
  ])('$table gets its rows from JSON in $file with the types of its entity', ({ file, table, rows }) => {
    const columns = fromEntities(source)[table] ?? {};
    const read = names(rows.exec(readFileSync(file, 'utf8'))?.[1]).map((column) => column.split(/ (.+)/));
    expect(read.length).toBeGreaterThan(5);
    for (const [name, type] of read) {
      // PostgreSQL rounds to the column's milliseconds when it stores
      expect({ name, type }).toEqual({
        name,
        type: columns[name ?? '']?.type.replace('timestamptz(3)', 'timestamptz'),
      });
    }
  });
});

describe('an enum of the API', () => {
  const schema = buildSchema(readSchema());
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    source = createDataSource(database.ownerUrl);
    await source.initialize();
  });

  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  const valuesOf = (name: string): string[] => {
    const type = schema.getType(name);
    return isEnumType(type) ? type.getValues().map((value) => value.name) : [];
  };

  it.each(CHECKED)('%s has the values that %s.%s takes', async (name, table, column) => {
    expect(valuesOf(name).toSorted()).toEqual((await checkedValues(source, table, column)).toSorted());
  });

  it.each(Object.entries(TABLES))('%s has the rows of its table', (name, rows) => {
    expect(valuesOf(name).toSorted()).toEqual(rows.toSorted());
  });

  it('has a table, a CHECK or a type of the domain behind it, whichever it is', () => {
    const enums = Object.values(schema.getTypeMap()).filter((type) => isEnumType(type) && !type.name.startsWith('__'));
    const known = new Set([...CHECKED.map(([name]) => name), ...Object.keys(TABLES), ...Object.keys(TYPES)]);
    expect(enums.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
  });
});

/** What `CHECK (column IN (…))` lets in, as PostgreSQL keeps it: `(column = ANY (ARRAY['A'::text, …]))`. */
async function checkedValues(source: DataSource, table: string, column: string): Promise<string[]> {
  const rows = await source.query<{ readonly definition: string }[]>(
    `SELECT pg_get_constraintdef(k.oid) AS definition FROM pg_constraint k
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
     WHERE k.contype = 'c' AND k.conrelid = $1::regclass AND a.attname = $2`,
    [table, column],
  );
  return rows.flatMap(({ definition }) => [...definition.matchAll(/'([^']+)'::text/g)].map(([, value]) => value ?? ''));
}

const names = (list = ''): string[] =>
  list
    .split(',')
    .map((name) => name.trim().replace(/\s+/g, ' '))
    .filter((name) => name !== '');

function columnsOf(source: DataSource, table: string): string[] {
  return source.entityMetadatas
    .filter((e) => e.tableName === table)
    .flatMap((e) => e.columns.map((c) => c.databaseName));
}

function fromEntities(source: DataSource): Tables {
  return Object.fromEntries(
    source.entityMetadatas.map((entity) => [
      entity.tableName,
      Object.fromEntries(
        entity.columns.map((column): [string, Column] => [
          column.databaseName,
          {
            type: typeOf(column),
            nullable: column.isNullable,
            key: column.isPrimary ? entity.primaryColumns.indexOf(column) : null,
            generated: column.isGenerated,
            hasDefault: column.default !== undefined,
          },
        ]),
      ),
    ]),
  );
}

function typeOf({ type, precision, isArray }: ColumnMetadata): string {
  const name = typeof type === 'string' ? type : type.name;
  return `${name}${typeof precision === 'number' ? `(${precision})` : ''}${isArray ? '[]' : ''}`;
}

/** Straight from pg_catalog, so that TypeORM's own reading of the catalogue is not its only judge. */
async function fromCatalogue(source: DataSource): Promise<Tables> {
  const rows = await source.query<({ readonly table: string; readonly name: string } & Column)[]>(
    `SELECT c.relname AS table, a.attname AS name, NOT a.attnotnull AS nullable, a.attidentity <> '' AS generated,
            a.atthasdef AS "hasDefault",
            replace(regexp_replace(format_type(a.atttypid, a.atttypmod), '^timestamp\\((\\d)\\) with time zone', 'timestamptz(\\1)'),
              'timestamp with time zone', 'timestamptz') AS type,
            (SELECT array_position(k.conkey, a.attnum) - 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p') AS key
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'migration'`,
  );
  const tables: Tables = {};
  for (const { table, name, ...column } of rows) (tables[table] ??= {})[name] = column;
  return tables;
}
