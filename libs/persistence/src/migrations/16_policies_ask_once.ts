import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readerFunction } from './10_organisations_readers.js';

/** What follows a box or a shipment asks for its reader and for a company's windows once a table (docs/adr/0008); who sees what is as before. */
export class PoliciesAskOnce1764180000000 implements MigrationInterface {
  readonly name = 'PoliciesAskOnce1764180000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statements of [OWN_WINDOWS, GROUNDS, ALTERED, NOT_ASKED_AGAIN]) await runner.query(statements);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

/**
 * What is asked of the reader, once for each place in a statement, as it is in a sub-select. Looking at a seal takes 12 µs, and only
 * who says to be of one of the scopes has to show it.
 */
const asked = (question: string, ...scopes: readonly string[]): string =>
  `(SELECT CASE WHEN current_setting('boxtrail.scope', true) IN (${scopes.map((scope) => `'${scope}'`).join(',')}) THEN ${question} END)`;

const COMPANY = asked('reader_company()', 'COMPANY');
const atOwnSite = `site_id = ANY (${asked('reader_sites()', 'TERMINAL', 'CUSTOMS')}::text[])`;

/** A company's windows and no others: other policies look at them here, and not through the policy of the table once more. */
const OWN_WINDOWS = `
CREATE POLICY company_window_owner ON company_window FOR SELECT TO CURRENT_USER USING (true);
CREATE VIEW own_window WITH (security_barrier) AS SELECT * FROM company_window WHERE organisation_id = ${COMPANY};
GRANT SELECT ON own_window TO boxtrail_app;
`;

const OF_CUSTOMS = `x.site_id = ANY (string_to_array(said_sites, ','))`;
const SHIPMENTS = 'SELECT unnest(ARRAY[x.export_shipment_id, x.import_shipment_id]) FROM public.sandbox x';

/** Null for whom they do not concern. */
const GROUNDS = `
${['sandbox', 'sandbox_member']
  .map((table) => `CREATE POLICY ${table}_owner ON ${table} FOR SELECT TO CURRENT_USER USING (true);`)
  .join('\n')}
-- A company's: its sandbox, or what is no sandbox.
${readerFunction(
  'reader_ground',
  'text',
  `said_scope = 'COMPANY'`,
  `coalesce((SELECT m.site_id FROM public.sandbox_member m WHERE m.organisation_id = said_organisation::uuid), 'PORT')`,
)}
-- Those of a sandbox's customs; others are not theirs.
${readerFunction(
  'reader_only_shipments',
  'uuid[]',
  `said_scope = 'CUSTOMS'`,
  `CASE WHEN EXISTS (SELECT FROM public.sandbox x WHERE ${OF_CUSTOMS}) THEN ARRAY(${SHIPMENTS} WHERE ${OF_CUSTOMS}) END`,
)}
-- Those of the sandboxes, for the port's customs: all others are theirs.
${readerFunction(
  'reader_foreign_shipments',
  'uuid[]',
  `said_scope = 'CUSTOMS'`,
  `CASE WHEN NOT EXISTS (SELECT FROM public.sandbox x WHERE ${OF_CUSTOMS}) THEN ARRAY(${SHIPMENTS}) END`,
)}
`;

/**
 * The port's customs do not see a sandbox's shipments, and those of a sandbox see none but its.
 * @param column of a shipment's id
 */
const customsSee = (column: string): string =>
  `${column} <> ALL (${asked('reader_foreign_shipments()', 'CUSTOMS')}::uuid[]) OR ${column} = ANY (${asked('reader_only_shipments()', 'CUSTOMS')}::uuid[])`;

/**
 * Whoever books a box gets a window on it by its number alone: neither a sandbox's nor the port's events are to be had from the other
 * side. What goes by site is apart already.
 */
const onOwnGround = (table: string): string =>
  `CASE WHEN ${table}.site_id LIKE 'ZZSBX-%' THEN ${table}.site_id ELSE 'PORT' END = ${asked('reader_ground()', 'COMPANY')}`;

/** What a window must show besides being the reader's own: `name`, `name:*` or `name:value`; null shows all. */
const shows = (name: string, value?: string): string =>
  `(w.sees IS NULL OR w.sees && ARRAY[${value === undefined ? `'${name}'` : `'${name}:*', '${name}:' || ${value}`}])`;
const ownWindow = (...conditions: readonly string[]): string =>
  `EXISTS (SELECT 1 FROM own_window w WHERE ${conditions.join(' AND ')})`;
const ofShipment = (table: string, column: string, ...conditions: readonly string[]): string =>
  `${customsSee(`${table}.${column}`)} OR ${ownWindow(`w.shipment_id = ${table}.${column}`, ...conditions)}`;

/** Table → who among readers sees a row. */
const READERS: Readonly<Record<string, string>> = {
  tracking_event: `${atOwnSite} OR ${ownWindow(
    'w.container_number = tracking_event.container_number',
    'tracking_event.occurred_at >= w.valid_from',
    '(w.valid_to IS NULL OR tracking_event.occurred_at < w.valid_to)',
    shows('event', 'tracking_event.kind'),
    onOwnGround('tracking_event'),
  )}`,
  // One window holds all that the row says: what was known before it began is of the company before.
  asset_state: `${atOwnSite} OR (asset_kind = 'CONTAINER' AND ${ownWindow(
    'w.container_number = asset_state.asset_code',
    'least(position_at, fence_at, last_event_at, known_at) >= w.valid_from',
    '(w.valid_to IS NULL OR greatest(now(), known_at) < w.valid_to)',
    shows('place'),
    onOwnGround('asset_state'),
  )})`,
  shipment: ofShipment('shipment', 'id'),
  shipment_party: ofShipment(
    'shipment_party',
    'shipment_id',
    `(shipment_party.organisation_id = w.organisation_id OR ${shows('party', 'shipment_party.role')})`,
  ),
  shipment_container: ofShipment(
    'shipment_container',
    'shipment_id',
    'w.container_number = shipment_container.container_number',
  ),
  leg: ofShipment('leg', 'shipment_id', shows('leg', 'leg.mode')),
  milestone: ofShipment('milestone', 'shipment_id', shows('milestone', 'milestone.code')),
  company_window: `organisation_id = ${COMPANY} OR ${customsSee('company_window.shipment_id')}`,
  shipment_change: ofShipment('shipment_change', 'shipment_id', shows('history')),
  shipment_number: ofShipment('shipment_number', 'shipment_id', shows('number', 'shipment_number.kind')),
};

const ALTERED = Object.entries(READERS)
  .map(([table, visible]) => `ALTER POLICY ${table}_readers ON ${table} USING (${visible});`)
  .join('\n');

/** Sandboxes had policies of their own, of which the above hold what they held. */
const NOT_ASKED_AGAIN = Object.keys(READERS)
  .map((table) => `DROP POLICY ${table}_sandboxes_apart ON ${table};`)
  .join('\n');
