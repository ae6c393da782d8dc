import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How people and services prove who they are. The answering role reads none of it: who asks is found out by the recording role,
 * and what somebody may see of credentials is asked for by the holder's own id.
 */
export class Credentials1764154800000 implements MigrationInterface {
  readonly name = 'Credentials1764154800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [PERSONAL_DATA, PROOFS, SESSIONS, API_TOKENS, WEBHOOKS, POLICIES, GRANTS]) {
      await runner.query(statement);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const PERSONAL_DATA = `
-- The one key and suite of the installation, without the key.
CREATE TABLE vault (
  id integer PRIMARY KEY CHECK (id = 1),
  suite text NOT NULL CHECK (suite IN ('INTERNATIONAL','NATIONAL')),
  key_check bytea NOT NULL
);
-- In clear from before this migration alone: the service seals it when it starts.
ALTER TABLE person ALTER COLUMN display_name DROP NOT NULL;
CREATE TABLE person_key (
  person_id uuid PRIMARY KEY REFERENCES person,
  -- Sealed with the installation's key; without it nobody reads the person's data any more.
  wrapped bytea,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  destroyed_at timestamptz(3),
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE TABLE personal_datum (
  person_id uuid NOT NULL REFERENCES person,
  kind text NOT NULL CHECK (kind IN ('DISPLAY_NAME','E_MAIL','LOGIN_NAME','PHONE','OIDC_SUBJECT','CERTIFICATE')),
  sealed bytea NOT NULL,
  -- Of what a person is found by.
  blind_index bytea,
  PRIMARY KEY (person_id, kind),
  UNIQUE (kind, blind_index),
  CHECK ((blind_index IS NULL) = (kind IN ('DISPLAY_NAME','E_MAIL')))
);
`;

const PROOFS = `
CREATE TABLE password (
  person_id uuid PRIMARY KEY REFERENCES person,
  -- Argon2id in PHC form.
  hash text NOT NULL,
  changed_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE TABLE second_factor (
  person_id uuid PRIMARY KEY REFERENCES person,
  -- Shared secrets, sealed with the person's key: the one that counts, and one that was not confirmed yet.
  secret bytea,
  pending_secret bytea,
  confirmed_at timestamptz(3),
  -- Time step of the last code that was taken: neither it nor an earlier one is taken again.
  last_step bigint NOT NULL DEFAULT 0,
  CHECK ((secret IS NULL) = (confirmed_at IS NULL))
);
CREATE TABLE recovery_code (
  person_id uuid NOT NULL REFERENCES person,
  code_hash bytea NOT NULL,
  used_at timestamptz(3),
  PRIMARY KEY (person_id, code_hash)
);
-- Whatever is drawn to be brought back once, within a time. Bringing it back removes it.
CREATE TABLE one_time_code (
  code_hash bytea PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('ENROLMENT','HAND_OVER','CERTIFICATE_NONCE','OIDC_STATE')),
  person_id uuid REFERENCES person,
  details jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL
);
CREATE INDEX one_time_code_by_age ON one_time_code (created_at);
CREATE INDEX one_time_code_by_person ON one_time_code (person_id) WHERE person_id IS NOT NULL;
CREATE TABLE phone_code (
  id uuid PRIMARY KEY,
  phone_index bytea NOT NULL,
  code_hash bytea NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3)
);
CREATE INDEX phone_code_by_phone ON phone_code (phone_index, created_at DESC);
CREATE INDEX phone_code_by_age ON phone_code (created_at);
-- Failures behind each other of a login name, a person or a remote address, known by a blind index.
CREATE TABLE sign_in_attempt (
  subject bytea PRIMARY KEY,
  failures integer NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  locked_until timestamptz(3)
);
CREATE INDEX sign_in_attempt_by_age ON sign_in_attempt (created_at);
`;

const SESSIONS = `
CREATE TABLE session (
  id uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  person_id uuid NOT NULL REFERENCES person,
  organisation_id uuid NOT NULL REFERENCES organisation,
  role text NOT NULL,
  method text NOT NULL CHECK (method IN ('PASSWORD','ENROLMENT','PHONE','OIDC','CERTIFICATE')),
  -- Remote address of the sign-in, sealed with the person's key.
  address bytea,
  second_factor_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  used_at timestamptz(3) NOT NULL DEFAULT now(),
  ends_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3)
);
CREATE INDEX session_by_person ON session (person_id, created_at DESC, id);
CREATE INDEX session_by_age ON session (created_at);
`;

const SCOPES = 'READ,WRITE,SUBSCRIBE,EXPORT,WEBHOOKS,MANAGE';

const API_TOKENS = `
CREATE TABLE service_account (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  role text NOT NULL,
  name text NOT NULL,
  created_by uuid NOT NULL REFERENCES person,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  closed_at timestamptz(3)
);
CREATE INDEX service_account_by_organisation ON service_account (organisation_id, created_at DESC, id);
ALTER TABLE access_token ALTER COLUMN person_id DROP NOT NULL,
  ADD COLUMN service_account_id uuid REFERENCES service_account,
  ADD COLUMN name text NOT NULL DEFAULT '',
  -- Tokens from before scopes were there may be used for all.
  ADD COLUMN scopes text[] NOT NULL DEFAULT '{${SCOPES}}',
  ADD CHECK (num_nonnulls(person_id, service_account_id) = 1),
  ADD CHECK (scopes <@ ARRAY['${SCOPES.replaceAll(',', "','")}']);
CREATE INDEX access_token_by_person ON access_token (person_id, created_at DESC, id) WHERE person_id IS NOT NULL;
CREATE INDEX access_token_by_service ON access_token (service_account_id, created_at DESC, id) WHERE service_account_id IS NOT NULL;
`;

const WEBHOOKS = `
-- The API token that an endpoint was made with: it ends when that is revoked. Of those from before nobody knows.
ALTER TABLE webhook_endpoint ADD COLUMN made_with uuid;
`;

const TABLES = [
  'vault',
  'person_key',
  'personal_datum',
  'password',
  'second_factor',
  'recovery_code',
  'one_time_code',
  'phone_code',
  'sign_in_attempt',
  'session',
  'service_account',
  'access_token',
];

const POLICIES = TABLES.map(
  (table) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app USING (false);
CREATE POLICY ${table}_recorders ON ${table} FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);`,
).join('\n');

const GRANTS = `
REVOKE SELECT ON access_token, person FROM boxtrail_app;
GRANT SELECT (id) ON person TO boxtrail_app;
GRANT SELECT, INSERT, UPDATE ON ${TABLES.join(', ')} TO boxtrail_ingest;
REVOKE UPDATE ON vault FROM boxtrail_ingest;
-- What was used or is too old goes; a person's proofs and data go with their key.
GRANT DELETE ON one_time_code, phone_code, sign_in_attempt, session, personal_datum, password, second_factor, recovery_code
  TO boxtrail_ingest;
`;
