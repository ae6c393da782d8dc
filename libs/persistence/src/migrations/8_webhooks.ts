import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses that are told of events, and each event's way to each of them. */
export class Webhooks1764151200000 implements MigrationInterface {
  readonly name = 'Webhooks1764151200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(RIGHTS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const TABLES = `
CREATE TABLE webhook_endpoint (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  made_by uuid NOT NULL,
  role text NOT NULL,
  url text NOT NULL,
  description text NOT NULL,
  filter jsonb,
  secret bytea NOT NULL,
  former_secret bytea,
  former_until timestamptz(3),
  state text NOT NULL DEFAULT 'ACTIVE' CHECK (state IN ('ACTIVE','PAUSED','DISABLED','REMOVED')),
  state_reason text,
  cursor_xid xid8 NOT NULL,
  cursor_position bigint NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  failing_since timestamptz(3),
  rests_until timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CHECK ((former_secret IS NULL) = (former_until IS NULL))
);
CREATE INDEX webhook_endpoint_by_organisation ON webhook_endpoint (organisation_id, created_at);
CREATE TABLE webhook_delivery (
  endpoint_id uuid NOT NULL REFERENCES webhook_endpoint,
  site_id text NOT NULL,
  event_id uuid NOT NULL,
  organisation_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING','DELIVERED','DEAD','WITHHELD')),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL DEFAULT now(),
  last_attempt_at timestamptz(3),
  last_status integer,
  last_error text,
  xid xid8 NOT NULL,
  position bigint NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (endpoint_id, site_id, event_id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, xid, position) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (endpoint_id, created_at DESC, event_id);
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at) WHERE state <> 'PENDING';
`;

/** The app role may not read secrets: it answers questions, and nobody is told one again. */
const RIGHTS = `
${['webhook_endpoint', 'webhook_delivery']
  .map(
    (table) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app
  USING (organisation_id = (SELECT NULLIF(current_setting('boxtrail.organisation', true), '')::uuid)
    AND (SELECT NULLIF(current_setting('boxtrail.scope', true), '')) IN ('COMPANY','TERMINAL','CUSTOMS'));
CREATE POLICY ${table}_recorders ON ${table} FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);`,
  )
  .join('\n')}
GRANT SELECT (id, organisation_id, made_by, role, url, description, filter, former_until, state, state_reason, failures, failing_since,
  rests_until, created_at) ON webhook_endpoint TO boxtrail_app;
GRANT SELECT ON webhook_delivery TO boxtrail_app;
GRANT SELECT, INSERT, UPDATE ON webhook_endpoint TO boxtrail_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO boxtrail_ingest;
`;
