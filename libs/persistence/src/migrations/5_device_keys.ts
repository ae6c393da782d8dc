import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Machines with keys of their own: one-time codes, keys, and what each boot of a machine has sent. */
export class DeviceKeys1764140400000 implements MigrationInterface {
  readonly name = 'DeviceKeys1764140400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [TABLES, POLICIES, GRANTS]) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const TABLES = `
CREATE TABLE machine_key (
  id uuid PRIMARY KEY,
  gateway_id text NOT NULL REFERENCES gateway,
  -- The gateway's, which stays where it is.
  site_id text NOT NULL REFERENCES site,
  state text NOT NULL DEFAULT 'NEW' CHECK (state IN ('NEW','ACTIVE','RETIRING','ENDED','REVOKED')),
  -- The 32 bytes that it signs with, sealed with the installation's key, which is not in the database.
  sealed bytea NOT NULL,
  -- The two public values that it was agreed upon with: asked for again with the same one, the answer is the same.
  machine_public bytea NOT NULL,
  service_public bytea NOT NULL,
  valid_days integer CHECK (valid_days > 0),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  first_used_at timestamptz(3),
  ends_at timestamptz(3),
  change_asked_at timestamptz(3),
  revoked_at timestamptz(3),
  revoked_by uuid,
  revoke_reason text,
  CHECK ((state = 'REVOKED') = (revoked_at IS NOT NULL))
);
-- Two live keys at most: one that was used, and one that was not yet.
CREATE UNIQUE INDEX machine_key_one_new ON machine_key (gateway_id) WHERE state = 'NEW';
CREATE UNIQUE INDEX machine_key_one_used ON machine_key (gateway_id) WHERE state IN ('ACTIVE','RETIRING');
CREATE INDEX machine_key_by_age ON machine_key (created_at DESC, id);
CREATE INDEX machine_key_by_gateway ON machine_key (gateway_id, created_at DESC);
CREATE TABLE enrolment_code (
  id uuid PRIMARY KEY,
  code_hash bytea NOT NULL UNIQUE,
  gateway_id text NOT NULL REFERENCES gateway,
  site_id text NOT NULL REFERENCES site,
  -- Of the keys that come of it; null: they do not end by themselves.
  valid_days integer CHECK (valid_days > 0),
  drawn_by uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  key_id uuid REFERENCES machine_key
);
CREATE INDEX enrolment_code_by_gateway ON enrolment_code (gateway_id);
CREATE INDEX enrolment_code_by_age ON enrolment_code (created_at);
-- What a boot has signed: its requests' times by its own clock, and which of the newest 32 sequences were here.
CREATE TABLE machine_boot (
  gateway_id text NOT NULL REFERENCES gateway,
  boot text NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  last_sequence bigint NOT NULL,
  seen bigint NOT NULL,
  address text NOT NULL,
  heard_at timestamptz(3) NOT NULL,
  PRIMARY KEY (gateway_id, boot)
);
CREATE INDEX machine_boot_by_age ON machine_boot (heard_at);
`;

/** Who runs the system sees the keys; nobody who asks sees codes and boots. */
const READERS = {
  machine_key: `(SELECT NULLIF(current_setting('boxtrail.scope', true), '')) = 'SYSTEM'`,
  enrolment_code: 'false',
  machine_boot: 'false',
} as const;

const POLICIES = Object.entries(READERS)
  .map(
    ([table, visible]) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app USING (${visible});
CREATE POLICY ${table}_recorders ON ${table} FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);`,
  )
  .join('\n');

/** No secret, sealed or not, is there for the role that answers. */
const GRANTS = `
GRANT SELECT (id, gateway_id, site_id, state, valid_days, created_at, first_used_at, ends_at, change_asked_at, revoked_at, revoked_by,
  revoke_reason) ON machine_key TO boxtrail_app;
GRANT SELECT, INSERT, UPDATE ON machine_key, enrolment_code, machine_boot TO boxtrail_ingest;
GRANT DELETE ON enrolment_code, machine_boot TO boxtrail_ingest;
`;
