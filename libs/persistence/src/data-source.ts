import { DataSource, type ColumnType, type DataSourceOptions } from 'typeorm';
import { IdempotencyEntity } from './idempotency.entity.js';
import { FirstHouse1763769600000 } from './migrations/1_first_house.js';
import { Peoples1764129600000 } from './migrations/2_peoples.js';
import { DeviceKeys1764140400000 } from './migrations/5_device_keys.js';
import { Live1764144000000 } from './migrations/6_live.js';
import { Webhooks1764151200000 } from './migrations/8_webhooks.js';
import { Credentials1764154800000 } from './migrations/9_credentials.js';
import { Organisations1764158400000 } from './migrations/10_organisations.js';
import { Audit1764162000000 } from './migrations/11_audit.js';
import { ReaderKeyEntity } from './reader-key.entity.js';
import { Surface1764169200000 } from './migrations/13_surface.js';
import { ReadingPaths1764172800000 } from './migrations/14_reading_paths.js';
import { TokenLineage1764176400000 } from './migrations/15_token_lineage.js';
import { PoliciesAskOnce1764180000000 } from './migrations/16_policies_ask_once.js';

/** In the order in which they run; names end in the moment of writing, as TypeORM asks. One that has landed is never edited. */
const MIGRATIONS = [
  FirstHouse1763769600000,
  Peoples1764129600000,
  DeviceKeys1764140400000,
  Live1764144000000,
  Webhooks1764151200000,
  Credentials1764154800000,
  Organisations1764158400000,
  Audit1764162000000,
  Surface1764169200000,
  ReadingPaths1764172800000,
  TokenLineage1764176400000,
  PoliciesAskOnce1764180000000,
];

const XID8_NAME: string = 'xid8';

/** PostgreSQL's 64-bit transaction id (since 13), which TypeORM does not list; it comes back as a string. */
export const XID8 = XID8_NAME as ColumnType;

/** The tables of this room, listed by hand. */
export const persistenceEntities = [IdempotencyEntity, ReaderKeyEntity] as const;

/** A TypeORM source, not yet connected, in the rights of the address's role. Migrations are its only way to change a schema. */
export function createDataSource(url: string, entities: DataSourceOptions['entities'] = []): DataSource {
  const source = new DataSource({
    type: 'postgres',
    url,
    entities,
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    extra: { max: 2 },
  });
  source.driver.supportedDataTypes.push(XID8);
  return source;
}
