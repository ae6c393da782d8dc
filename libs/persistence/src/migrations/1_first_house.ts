import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The first schema. Conventions:
 * - instants are timestamptz(3), site id leads the key of every large table, large tables are partitioned by occurred_at;
 * - the journal (`tracking_event`) takes inserts only;
 * - row-level security is forced on everything that belongs to somebody. `boxtrail_app` answers questions and sees what the
 *   settings `boxtrail.scope`, `boxtrail.organisation` and `boxtrail.sites` of its transaction allow, `boxtrail_ingest` records.
 */
export class FirstHouse1763769600000 implements MigrationInterface {
  readonly name = 'FirstHouse1763769600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [ROLES, PLACES, IDENTITY, ASSETS, STREAMS, JOURNAL, GATE, SHIPMENTS, EXCHANGE]) {
      await runner.query(statement);
    }
    for (const table of ['observation', 'tracking_event', 'gate_pass']) {
      await runner.query(`CREATE TABLE ${table}_default PARTITION OF ${table} DEFAULT`);
    }
    await runner.query(POLICIES);
    await runner.query(GRANTS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const ROLES = `
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['boxtrail_app', 'boxtrail_ingest'] LOOP
    -- made by an administrator: an owner without CREATEROLE may not even try
    CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role_name);
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- roles belong to the whole cluster: another database of ours has made it
    END;
  END LOOP;
END $$;
CREATE EXTENSION IF NOT EXISTS btree_gist;
`;

const PLACES = `
CREATE TABLE site (
  id text PRIMARY KEY,
  un_locode text NOT NULL,
  smdg_code text NOT NULL,
  name text NOT NULL,
  name_zh text NOT NULL,
  longitude double precision NOT NULL,
  latitude double precision NOT NULL
);
CREATE TABLE zone (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site,
  kind text NOT NULL CHECK (kind IN ('TERMINAL','GATE','YARD','BERTH','BONDED_AREA','RAIL_STATION','ROAD','TRUCK_PARK')),
  name text NOT NULL,
  name_zh text NOT NULL,
  geometry jsonb NOT NULL,
  buffer_m double precision NOT NULL CHECK (buffer_m >= 0),
  dwell_ms integer NOT NULL CHECK (dwell_ms >= 0)
);
CREATE TABLE gate (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site,
  name text NOT NULL,
  name_zh text NOT NULL,
  zone_id text REFERENCES zone
);
CREATE TABLE lane (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site,
  gate_id text NOT NULL REFERENCES gate,
  number integer NOT NULL,
  direction text NOT NULL CHECK (direction IN ('IN','OUT','REVERSIBLE')),
  zone_id text REFERENCES zone,
  UNIQUE (gate_id, number)
);
`;

const IDENTITY = `
CREATE TABLE organisation (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('PORT_GROUP','TERMINAL','LOGISTICS_COMPANY','CUSTOMS_OFFICE','PLATFORM_OPERATOR')),
  name text NOT NULL,
  name_zh text NOT NULL,
  code text NOT NULL UNIQUE
);
-- What a terminal or customs office answers for.
CREATE TABLE organisation_site (
  organisation_id uuid NOT NULL REFERENCES organisation,
  site_id text NOT NULL REFERENCES site,
  PRIMARY KEY (organisation_id, site_id)
);
CREATE TABLE person (
  id uuid PRIMARY KEY,
  display_name text NOT NULL
);
CREATE TABLE membership (
  person_id uuid NOT NULL REFERENCES person,
  organisation_id uuid NOT NULL REFERENCES organisation,
  role text NOT NULL CHECK (role IN ('GATE_OPERATOR','LOGISTICS','CUSTOMS_OFFICER')),
  PRIMARY KEY (person_id, organisation_id, role)
);
CREATE TABLE access_token (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  person_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  role text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  FOREIGN KEY (person_id, organisation_id, role) REFERENCES membership
);
CREATE TABLE gateway (
  id text PRIMARY KEY,
  site_id text NOT NULL REFERENCES site,
  token_hash bytea UNIQUE,
  revoked_at timestamptz(3)
);
`;

const ASSETS = `
CREATE TABLE asset (
  kind text NOT NULL CHECK (kind IN ('CONTAINER','TRUCK','CHASSIS','WAGON','BARGE','VESSEL')),
  code text NOT NULL,
  attributes jsonb NOT NULL DEFAULT '{}',
  first_seen_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, code)
);
-- kind ASSET: subject is 'CONTAINER:CSQU3054383', riding on the asset.
CREATE TABLE binding (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('TAG','DEVICE','SEAL','ASSET')),
  subject text NOT NULL,
  asset_kind text NOT NULL,
  asset_code text NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  source text NOT NULL CHECK (source IN ('SEED','PASS','HAND')),
  pass_id uuid,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  FOREIGN KEY (asset_kind, asset_code) REFERENCES asset,
  CHECK (valid_to IS NULL OR valid_to > valid_from),
  EXCLUDE USING gist (kind WITH =, subject WITH =, tstzrange(valid_from, valid_to) WITH &&)
);
CREATE INDEX binding_by_asset ON binding (asset_kind, asset_code, valid_from);
CREATE TABLE asset_state (
  asset_kind text NOT NULL,
  asset_code text NOT NULL,
  site_id text,
  longitude double precision,
  latitude double precision,
  speed_mps double precision,
  course_deg double precision,
  position_at timestamptz(3),
  fence_state jsonb NOT NULL DEFAULT '{}',
  fence_at timestamptz(3),
  zone_ids text[] NOT NULL DEFAULT '{}',
  last_event_id uuid,
  last_event_kind text,
  last_event_at timestamptz(3),
  -- The newest of the instants above: what a company's window is held against.
  known_at timestamptz(3) NOT NULL,
  PRIMARY KEY (asset_kind, asset_code)
);
-- Fence state behind the last fix at or before \`at\`: where a late fix begins to fold again.
CREATE TABLE fence_checkpoint (
  asset_kind text NOT NULL,
  asset_code text NOT NULL,
  at timestamptz(3) NOT NULL,
  state jsonb NOT NULL,
  PRIMARY KEY (asset_kind, asset_code, at)
);
`;

const STREAMS = `
CREATE TABLE gateway_stream (
  gateway_id text NOT NULL REFERENCES gateway,
  stream_id uuid NOT NULL,
  committed_sequence bigint NOT NULL DEFAULT 0,
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (gateway_id, stream_id)
);
CREATE TABLE observation (
  site_id text NOT NULL,
  device_id text NOT NULL,
  boot text NOT NULL,
  sequence bigint NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  kind text NOT NULL,
  lane_id text,
  -- What it is about, as the device said it: an EPC, a number, a plate.
  subject text,
  asset_kind text,
  asset_code text,
  longitude double precision,
  latitude double precision,
  body jsonb NOT NULL,
  PRIMARY KEY (site_id, device_id, boot, sequence, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX observation_by_asset ON observation (asset_kind, asset_code, occurred_at) WHERE asset_code IS NOT NULL;
CREATE TABLE refused_input (
  site_id text NOT NULL,
  device_id text NOT NULL,
  boot text NOT NULL,
  sequence bigint NOT NULL,
  received_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  reason text NOT NULL,
  detail text,
  hex text,
  PRIMARY KEY (site_id, device_id, boot, sequence, received_at, reason)
);
CREATE INDEX refused_input_by_time ON refused_input (site_id, received_at DESC);
CREATE TABLE device_health (
  device_id text PRIMARY KEY,
  site_id text NOT NULL,
  gateway_id text NOT NULL,
  lane_id text,
  reported_at timestamptz(3) NOT NULL,
  report jsonb NOT NULL
);
CREATE TABLE gateway_health (
  gateway_id text PRIMARY KEY,
  site_id text NOT NULL,
  reported_at timestamptz(3) NOT NULL,
  report jsonb NOT NULL
);
`;

const JOURNAL = `
CREATE TABLE tracking_event (
  site_id text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  received_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  asset_kind text NOT NULL,
  asset_code text NOT NULL,
  -- Equals asset_code for a container: what a company's window joins.
  container_number text,
  truck_plate text,
  gate_id text,
  lane_id text,
  zone_id text,
  pass_id uuid,
  visit_id uuid,
  source text NOT NULL CHECK (source IN ('READER','POSITION','HAND','MESSAGE')),
  late boolean NOT NULL DEFAULT false,
  -- EventWithdrawn names the event that no longer stands.
  withdraws uuid,
  causes jsonb NOT NULL,
  payload jsonb NOT NULL,
  -- SHA-256 of the event's canonical JSON (RFC 8785).
  hash bytea NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  position bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (site_id, id, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX tracking_event_by_asset ON tracking_event (asset_kind, asset_code, occurred_at DESC, id);
CREATE INDEX tracking_event_by_time ON tracking_event (site_id, occurred_at DESC, id);
CREATE INDEX tracking_event_by_truck ON tracking_event (truck_plate, occurred_at DESC) WHERE truck_plate IS NOT NULL;
CREATE INDEX tracking_event_by_pass ON tracking_event (pass_id) WHERE pass_id IS NOT NULL;
CREATE INDEX tracking_event_withdrawals ON tracking_event (withdraws) WHERE withdraws IS NOT NULL;
CREATE INDEX tracking_event_in_order ON tracking_event (xid, position);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The journal is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'BX001';
END $$;
CREATE TRIGGER tracking_event_append_only BEFORE UPDATE OR DELETE ON tracking_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tracking_event_no_truncate BEFORE TRUNCATE ON tracking_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- What was stored and must be told, in commit-safe order (xid, position).
CREATE TABLE outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  topic text NOT NULL CHECK (topic IN ('event','pass','alert')),
  site_id text NOT NULL,
  subject_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX outbox_in_order ON outbox (xid, position);
CREATE INDEX outbox_by_age ON outbox (created_at);
`;

const GATE = `
CREATE TABLE truck_visit (
  site_id text NOT NULL REFERENCES site,
  id uuid NOT NULL,
  truck_plate text NOT NULL,
  chassis_plate text,
  driver_id text,
  state text NOT NULL CHECK (state IN ('OPEN','CLOSED')),
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  PRIMARY KEY (site_id, id),
  CHECK ((state = 'CLOSED') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX truck_visit_one_open ON truck_visit (site_id, truck_plate) WHERE state = 'OPEN';
CREATE INDEX truck_visit_by_time ON truck_visit (site_id, opened_at DESC, id);
CREATE INDEX truck_visit_by_truck ON truck_visit (site_id, truck_plate, opened_at DESC);
CREATE TABLE gate_pass (
  site_id text NOT NULL,
  id uuid NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  gate_id text,
  lane_id text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('IN','OUT','UNKNOWN')),
  direction_source text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('CROSSED','REFUSED','TURNED_BACK','UNDECIDED')),
  exit text NOT NULL CHECK (exit IN ('SEEN','PRESUMED','NOT_REACHED','UNKNOWN')),
  closed_by text NOT NULL,
  source text NOT NULL CHECK (source IN ('READERS','HAND')),
  truck_plate text,
  container_numbers text[] NOT NULL DEFAULT '{}',
  visit_id uuid,
  decision jsonb,
  -- The lane's LanePass as it came, and how each piece of it was resolved.
  evidence jsonb NOT NULL,
  exceptions text[] NOT NULL DEFAULT '{}',
  reported_by uuid,
  reason text,
  PRIMARY KEY (site_id, id, occurred_at)
) PARTITION BY RANGE (occurred_at);
CREATE INDEX gate_pass_by_time ON gate_pass (site_id, occurred_at DESC, id);
CREATE INDEX gate_pass_by_lane ON gate_pass (lane_id, occurred_at DESC);
CREATE INDEX gate_pass_by_visit ON gate_pass (visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX gate_pass_by_truck ON gate_pass (truck_plate, closed_at) WHERE truck_plate IS NOT NULL;
-- From a box to its passes. Array operators are not leakproof, so behind a policy no index over container_numbers could serve.
CREATE TABLE pass_container (
  site_id text NOT NULL,
  pass_id uuid NOT NULL,
  container_number text NOT NULL,
  -- The pass's: leads to its partition.
  occurred_at timestamptz(3) NOT NULL,
  PRIMARY KEY (site_id, pass_id, container_number)
);
CREATE INDEX pass_container_by_number ON pass_container (container_number, occurred_at);
CREATE TABLE visit_transaction (
  site_id text NOT NULL,
  id uuid NOT NULL,
  visit_id uuid NOT NULL,
  pass_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DELIVER','RECEIVE')),
  container_number text NOT NULL,
  fullness text CHECK (fullness IN ('LADEN','EMPTY')),
  box_position text CHECK (box_position IN ('FRONT','MIDDLE','REAR')),
  occurred_at timestamptz(3) NOT NULL,
  PRIMARY KEY (site_id, id),
  FOREIGN KEY (site_id, visit_id) REFERENCES truck_visit
);
CREATE INDEX visit_transaction_by_visit ON visit_transaction (site_id, visit_id);
-- What a lane saw and nobody could name.
CREATE TABLE unresolved_observation (
  site_id text NOT NULL,
  id uuid NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  pass_id uuid,
  lane_id text,
  device_id text NOT NULL,
  boot text NOT NULL,
  sequence bigint NOT NULL,
  reason text NOT NULL CHECK (reason IN ('TAG_WITHOUT_BINDING','CHECK_DIGIT','NOT_A_CONTAINER_NUMBER')),
  seen text NOT NULL,
  proposals jsonb NOT NULL DEFAULT '[]',
  state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN','RESOLVED','DISMISSED')),
  chosen_container text,
  resolved_by uuid,
  resolved_at timestamptz(3),
  PRIMARY KEY (site_id, id)
);
CREATE INDEX unresolved_observation_open ON unresolved_observation (site_id, occurred_at DESC, id);
CREATE INDEX unresolved_observation_by_pass ON unresolved_observation (site_id, pass_id) WHERE pass_id IS NOT NULL;
CREATE INDEX unresolved_observation_by_choice ON unresolved_observation (chosen_container) WHERE chosen_container IS NOT NULL;
CREATE TABLE alert (
  site_id text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('INFO','WARNING','CRITICAL')),
  state text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN','ACKNOWLEDGED','CLOSED')),
  raised_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now(),
  lane_id text,
  device_id text,
  pass_id uuid,
  unresolved_id uuid,
  details jsonb NOT NULL DEFAULT '{}',
  acknowledged_by uuid,
  acknowledged_at timestamptz(3),
  PRIMARY KEY (site_id, id)
);
CREATE INDEX alert_by_time ON alert (site_id, raised_at DESC, id);
CREATE INDEX alert_by_unresolved ON alert (site_id, unresolved_id) WHERE unresolved_id IS NOT NULL;
`;

const SHIPMENTS = `
CREATE TABLE shipment (
  id uuid PRIMARY KEY,
  reference text NOT NULL,
  booking_number text,
  bill_number text,
  trade text NOT NULL CHECK (trade IN ('EXPORT','IMPORT')),
  created_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3)
);
CREATE INDEX shipment_by_reference ON shipment (reference);
CREATE INDEX shipment_by_booking ON shipment (booking_number) WHERE booking_number IS NOT NULL;
CREATE INDEX shipment_by_bill ON shipment (bill_number) WHERE bill_number IS NOT NULL;
CREATE INDEX shipment_by_age ON shipment (created_at DESC, id);
CREATE TABLE shipment_party (
  shipment_id uuid NOT NULL REFERENCES shipment,
  organisation_id uuid NOT NULL REFERENCES organisation,
  role text NOT NULL CHECK (role IN ('SHIPPER','CONSIGNEE','FORWARDER','CARRIER','HAULIER')),
  PRIMARY KEY (shipment_id, organisation_id, role)
);
CREATE TABLE shipment_container (
  shipment_id uuid NOT NULL REFERENCES shipment,
  container_number text NOT NULL,
  fullness text CHECK (fullness IN ('LADEN','EMPTY')),
  PRIMARY KEY (shipment_id, container_number)
);
CREATE INDEX shipment_container_by_number ON shipment_container (container_number);
CREATE TABLE leg (
  shipment_id uuid NOT NULL REFERENCES shipment,
  ordinal integer NOT NULL,
  mode text NOT NULL CHECK (mode IN ('ROAD','SEA','RAIL','BARGE')),
  from_place text NOT NULL,
  to_place text NOT NULL,
  vessel text,
  voyage text,
  PRIMARY KEY (shipment_id, ordinal)
);
CREATE TABLE milestone (
  shipment_id uuid NOT NULL REFERENCES shipment,
  ordinal integer NOT NULL,
  code text NOT NULL,
  site_id text,
  zone_id text,
  planned_at timestamptz(3),
  PRIMARY KEY (shipment_id, ordinal)
);
-- A company's window: the only thing that every policy for companies joins.
CREATE TABLE company_window (
  organisation_id uuid NOT NULL REFERENCES organisation,
  container_number text NOT NULL,
  shipment_id uuid NOT NULL REFERENCES shipment,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  PRIMARY KEY (organisation_id, container_number, shipment_id, valid_from),
  CHECK (valid_to IS NULL OR valid_to > valid_from)
);
CREATE INDEX company_window_by_shipment ON company_window (shipment_id, organisation_id);
`;

const EXCHANGE = `
CREATE TABLE idempotency (
  person_id uuid NOT NULL,
  key text NOT NULL,
  operation text NOT NULL,
  request_hash bytea NOT NULL,
  answer jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (person_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
`;

/** The three settings of a transaction; each is read once a statement. Unset reads as NULL, and NULL lets nothing through. */
const SCOPE = `(SELECT NULLIF(current_setting('boxtrail.scope', true), ''))`;
const ORGANISATION = `(SELECT NULLIF(current_setting('boxtrail.organisation', true), '')::uuid)`;
const SITES = `(SELECT string_to_array(NULLIF(current_setting('boxtrail.sites', true), ''), ','))`;

const atOwnSite = `${SCOPE} IN ('TERMINAL','CUSTOMS') AND site_id = ANY (${SITES}::text[])`;
const inWindow = (container: string, at: string): string => `
  ${SCOPE} = 'COMPANY' AND EXISTS (
    SELECT 1 FROM company_window w
    WHERE w.organisation_id = ${ORGANISATION} AND w.container_number = ${container}
      AND ${at} >= w.valid_from AND (w.valid_to IS NULL OR ${at} < w.valid_to))`;
const ofShipment = (column: string): string => `
  ${SCOPE} = 'CUSTOMS' OR (${SCOPE} = 'COMPANY' AND EXISTS (
    SELECT 1 FROM company_window w WHERE w.shipment_id = ${column} AND w.organisation_id = ${ORGANISATION}))`;

/** Table → who among readers sees a row. */
const READERS: Readonly<Record<string, string>> = {
  tracking_event: `(${atOwnSite}) OR (${inWindow('tracking_event.container_number', 'tracking_event.occurred_at')})`,
  observation: atOwnSite,
  refused_input: atOwnSite,
  gate_pass: atOwnSite,
  pass_container: atOwnSite,
  truck_visit: atOwnSite,
  visit_transaction: atOwnSite,
  unresolved_observation: atOwnSite,
  alert: atOwnSite,
  device_health: atOwnSite,
  gateway_health: atOwnSite,
  outbox: atOwnSite,
  // One window holds all that the row says: what was known before it began is of the company before.
  asset_state: `(${atOwnSite}) OR (asset_kind = 'CONTAINER' AND ${SCOPE} = 'COMPANY' AND EXISTS (
    SELECT 1 FROM company_window w
    WHERE w.organisation_id = ${ORGANISATION} AND w.container_number = asset_state.asset_code
      AND least(position_at, fence_at, last_event_at, known_at) >= w.valid_from
      AND (w.valid_to IS NULL OR greatest(now(), known_at) < w.valid_to)))`,
  fence_checkpoint: 'false',
  shipment: ofShipment('shipment.id'),
  shipment_party: ofShipment('shipment_party.shipment_id'),
  shipment_container: ofShipment('shipment_container.shipment_id'),
  leg: ofShipment('leg.shipment_id'),
  milestone: ofShipment('milestone.shipment_id'),
  company_window: `${SCOPE} = 'CUSTOMS' OR (${SCOPE} = 'COMPANY' AND organisation_id = ${ORGANISATION})`,
  // What a pass bound is known where the pass is: the other terminals' trucks are not a terminal's business.
  binding: `${SCOPE} IN ('TERMINAL','CUSTOMS') AND (pass_id IS NULL OR EXISTS (
    SELECT 1 FROM gate_pass p WHERE p.site_id = ANY (${SITES}::text[]) AND p.id = binding.pass_id))`,
  asset: `${SCOPE} IN ('TERMINAL','CUSTOMS')`,
};

const POLICIES = Object.entries(READERS)
  .map(
    ([table, visible]) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app USING (${visible});
CREATE POLICY ${table}_recorders ON ${table} FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);`,
  )
  .join('\n');

const GRANTS = `
GRANT USAGE ON SCHEMA public TO boxtrail_app, boxtrail_ingest;
GRANT SELECT ON ${Object.keys(READERS).join(', ')},
  site, zone, gate, lane, organisation, organisation_site, person, membership, access_token TO boxtrail_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO boxtrail_ingest;
REVOKE UPDATE ON tracking_event FROM boxtrail_ingest;
REVOKE ALL ON tracking_event_default, observation_default, gate_pass_default FROM boxtrail_ingest, boxtrail_app;
GRANT DELETE ON outbox, idempotency, fence_checkpoint TO boxtrail_ingest;
`;
