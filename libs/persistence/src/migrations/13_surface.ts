import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people search by, each by an index; and sandboxes, where integrators play scripted passes apart from the port. */
export class Surface1764169200000 implements MigrationInterface {
  readonly name = 'Surface1764169200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SEALS);
    await runner.query(INDEXES);
    await runner.query(SANDBOXES);
    await runner.query(APART);
    await runner.query(APART_FROM_WINDOWS);
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

const SITES = `(SELECT reader_sites())::text[]`;
const SHIPMENTS_OF = (sandboxes: string): string =>
  `SELECT unnest(ARRAY[x.export_shipment_id, x.import_shipment_id]) FROM sandbox x ${sandboxes}`;

/**
 * Customs see all shipments: those of the port do not see a sandbox's, and those of a sandbox see none but its. What goes by site is
 * apart already. Restrictive: it takes from what other policies give.
 */
const APART = Object.entries({
  shipment: 'id',
  shipment_party: 'shipment_id',
  shipment_container: 'shipment_id',
  shipment_number: 'shipment_id',
  shipment_change: 'shipment_id',
  leg: 'shipment_id',
  milestone: 'shipment_id',
  company_window: 'shipment_id',
})
  .map(
    ([table, column]) => `
CREATE POLICY ${table}_sandboxes_apart ON ${table} AS RESTRICTIVE FOR SELECT TO boxtrail_app USING (
  CASE WHEN (SELECT reader_scope()) IS DISTINCT FROM 'CUSTOMS' THEN true
  WHEN (SELECT EXISTS (SELECT 1 FROM sandbox x WHERE x.site_id = ANY (${SITES})))
    THEN ${table}.${column} IN (${SHIPMENTS_OF(`WHERE x.site_id = ANY (${SITES})`)})
  ELSE ${table}.${column} NOT IN (${SHIPMENTS_OF('')}) END);`,
  )
  .join('\n');

const OWN_SANDBOX = `(SELECT m.site_id FROM sandbox_member m
  WHERE m.organisation_id = (SELECT reader_organisation()))`;

/** Whoever books a box gets a window on it by its number alone: neither a sandbox's nor the port's is to be had from the other side. */
const APART_FROM_WINDOWS = ['tracking_event', 'asset_state']
  .map(
    (table) => `
CREATE POLICY ${table}_sandboxes_apart ON ${table} AS RESTRICTIVE FOR SELECT TO boxtrail_app USING (
  CASE WHEN (SELECT reader_scope()) IS DISTINCT FROM 'COMPANY' THEN true
  WHEN ${OWN_SANDBOX} IS NULL THEN coalesce(${table}.site_id, '') NOT LIKE 'ZZSBX-%'
  ELSE ${table}.site_id = ${OWN_SANDBOX} END);`,
  )
  .join('\n');
