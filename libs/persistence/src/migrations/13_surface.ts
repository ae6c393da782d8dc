import type { MigrationInterface, QueryRunner } from 'typeorm';
import { altered, asked, boxPolicies, readerFunction, shipmentPolicies } from './10_organisations_readers.js';

/** What people search by, each by an index; and sandboxes, where integrators play scripted passes apart from the port. */
export class Surface1764169200000 implements MigrationInterface {
  readonly name = 'Surface1764169200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SEALS);
    await runner.query(INDEXES);
    await runner.query(SANDBOXES);
    await runner.query(GROUNDS);
    await runner.query(APART);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

/** jsonb's operators are not leakproof, so behind a policy no index over a pass's evidence could serve. */
const SEALS = `
CREATE TABLE pass_seal (
  site_id text NOT NULL,
  pass_id uuid NOT NULL,
  seal_number text NOT NULL,
  -- The pass's: leads to its partition.
  occurred_at timestamptz(3) NOT NULL,
  PRIMARY KEY (site_id, pass_id, seal_number)
);
CREATE INDEX pass_seal_by_number ON pass_seal (seal_number, occurred_at);
-- No policy lets the owner read it.
ALTER TABLE gate_pass NO FORCE ROW LEVEL SECURITY;
INSERT INTO pass_seal (site_id, pass_id, seal_number, occurred_at)
SELECT p.site_id, p.id, told.number, p.occurred_at
FROM gate_pass p CROSS JOIN LATERAL (
  SELECT upper(regexp_replace(seal->>'text', '[[:space:]]', '', 'g')) AS number
  FROM jsonb_array_elements(CASE jsonb_typeof(p.evidence->'lane'->'seals')
    WHEN 'array' THEN p.evidence->'lane'->'seals' ELSE '[]' END) AS seal) AS told
WHERE char_length(told.number) BETWEEN 1 AND 30
ON CONFLICT DO NOTHING;
ALTER TABLE gate_pass FORCE ROW LEVEL SECURITY;
ALTER TABLE pass_seal ENABLE ROW LEVEL SECURITY;
ALTER TABLE pass_seal FORCE ROW LEVEL SECURITY;
-- Whoever sees the pass sees its seals.
CREATE POLICY pass_seal_readers ON pass_seal FOR SELECT TO boxtrail_app USING (EXISTS (
  SELECT 1 FROM gate_pass p
  WHERE p.site_id = pass_seal.site_id AND p.id = pass_seal.pass_id AND p.occurred_at = pass_seal.occurred_at));
CREATE POLICY pass_seal_recorders ON pass_seal FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);
GRANT SELECT ON pass_seal TO boxtrail_app;
GRANT SELECT, INSERT ON pass_seal TO boxtrail_ingest;
`;

/** A beginning is a range by bytes, whatever the database's collation is: text_pattern_ops holds that order. */
const INDEXES = `
CREATE INDEX tracking_event_by_gate ON tracking_event (gate_id, occurred_at DESC, id) WHERE gate_id IS NOT NULL;
CREATE INDEX tracking_event_by_zone ON tracking_event (zone_id, occurred_at DESC, id) WHERE zone_id IS NOT NULL;
CREATE INDEX tracking_event_by_kind ON tracking_event (site_id, kind, occurred_at DESC, id);
CREATE INDEX tracking_event_by_asset_text ON tracking_event (asset_code text_pattern_ops);
CREATE INDEX tracking_event_by_truck_text ON tracking_event (truck_plate text_pattern_ops) WHERE truck_plate IS NOT NULL;
CREATE INDEX gate_pass_by_gate ON gate_pass (gate_id, occurred_at DESC, id) WHERE gate_id IS NOT NULL;
CREATE INDEX gate_pass_by_truck_text ON gate_pass (truck_plate text_pattern_ops) WHERE truck_plate IS NOT NULL;
CREATE INDEX pass_container_by_text ON pass_container (container_number text_pattern_ops);
CREATE INDEX shipment_by_reference_text ON shipment (reference text_pattern_ops);
CREATE INDEX shipment_number_by_text ON shipment_number (number text_pattern_ops);
`;

/** Nothing in them is anybody's: whoever is told of places is told of these or of the port's. */
const SANDBOXES = `
CREATE TABLE sandbox (
  site_id text PRIMARY KEY REFERENCES site,
  ordinal smallint NOT NULL UNIQUE CHECK (ordinal BETWEEN 0 AND 99),
  company_id uuid NOT NULL REFERENCES organisation,
  export_shipment_id uuid NOT NULL REFERENCES shipment,
  import_shipment_id uuid NOT NULL REFERENCES shipment,
  runs integer NOT NULL DEFAULT 0 CHECK (runs BETWEEN 0 AND 10000),
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE TABLE sandbox_member (
  organisation_id uuid PRIMARY KEY REFERENCES organisation,
  site_id text NOT NULL REFERENCES sandbox
);
${['sandbox', 'sandbox_member']
  .map(
    (table) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app USING (true);
CREATE POLICY ${table}_recorders ON ${table} FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);
GRANT SELECT ON ${table} TO boxtrail_app;
GRANT SELECT, INSERT, UPDATE ON ${table} TO boxtrail_ingest;`,
  )
  .join('\n')}
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
 * The port's customs do not see a sandbox's shipments, and those of a sandbox see none but its. Whoever books a box gets a window on it
 * by its number alone: neither a sandbox's nor the port's events are to be had from the other side. What goes by site is apart already.
 */
const APART = altered({
  ...shipmentPolicies(
    (column) =>
      `${column} <> ALL (${asked('reader_foreign_shipments()', 'CUSTOMS')}::uuid[]) OR ${column} = ANY (${asked('reader_only_shipments()', 'CUSTOMS')}::uuid[])`,
  ),
  ...boxPolicies((table) => [
    `CASE WHEN ${table}.site_id LIKE 'ZZSBX-%' THEN ${table}.site_id ELSE 'PORT' END = ${asked('reader_ground()', 'COMPANY')}`,
  ]),
}).join('\n');
