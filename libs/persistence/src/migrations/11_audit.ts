import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit: a chain of records that the service's roles can add to and nobody can change; three administrators apart; why customs
 * read; and what customs have selected for inspection.
 */
export class Audit1764162000000 implements MigrationInterface {
  readonly name = 'Audit1764162000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [RECORDS, CHAIN, ARCHIVES, ADMINISTRATORS, TARGETS]) await runner.query(statement);
    await runner.query(POLICIES);
    await runner.query(GRANTS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const RECORDS = `
CREATE TABLE audit_record (
  -- Without gaps, in the order of the chain.
  sequence bigint PRIMARY KEY,
  recorded_at timestamptz(3) NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('PERSON','DEVICE','SYSTEM')),
  actor_id text NOT NULL,
  organisation_id uuid,
  role text,
  operation text NOT NULL,
  subject_type text,
  subject_keys text[] NOT NULL DEFAULT '{}',
  asked jsonb,
  row_count integer CHECK (row_count >= 0),
  case_number text,
  -- DONE, or the code of the error that was answered.
  outcome text NOT NULL,
  address text,
  request_id text,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL
);
CREATE INDEX audit_record_by_time ON audit_record (recorded_at DESC, sequence DESC);
CREATE INDEX audit_record_by_actor ON audit_record (actor_id, sequence DESC);
CREATE INDEX audit_record_by_case ON audit_record (case_number, sequence DESC) WHERE case_number IS NOT NULL;
CREATE INDEX audit_record_by_subject ON audit_record USING gin (subject_keys);
-- Where the chain ends: what is cut off behind it is missed.
CREATE TABLE audit_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  sequence bigint NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  hash bytea NOT NULL
);
INSERT INTO audit_head (sequence, recorded_at, hash) VALUES (0, '-infinity', decode(repeat('00', 32), 'hex'));
-- A period that was handed out as a file; its records go when somebody shows that they have it.
CREATE TABLE audit_archive (
  id uuid PRIMARY KEY,
  state text NOT NULL DEFAULT 'OFFERED' CHECK (state IN ('OFFERED','REMOVED')),
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  -- Of its first and last record.
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  previous_hash bytea NOT NULL,
  last_hash bytea NOT NULL,
  -- SHA-256 of the file.
  file_hash bytea NOT NULL,
  made_by uuid NOT NULL,
  made_at timestamptz(3) NOT NULL DEFAULT now(),
  removed_by uuid,
  removed_at timestamptz(3),
  CHECK (first_sequence <= last_sequence),
  CHECK ((state = 'REMOVED') = (removed_at IS NOT NULL))
);
CREATE INDEX audit_archive_by_age ON audit_archive (made_at DESC, id);
`;

/** Functions that act in the owner's name look nowhere but where they are told. */
const AS_OWNER = `SECURITY DEFINER SET search_path = pg_catalog, pg_temp`;

const CHAIN = `
-- The text that is hashed: all of a record but the hashes, as jsonb writes it.
CREATE FUNCTION audit_line(r audit_record) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('sequence', r.sequence,
    'recordedAt', to_char(r.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'actorKind', r.actor_kind, 'actorId', r.actor_id, 'organisationId', r.organisation_id, 'role', r.role,
    'operation', r.operation, 'subjectType', r.subject_type, 'subjectKeys', r.subject_keys, 'asked', r.asked,
    'rowCount', r.row_count, 'caseNumber', r.case_number, 'outcome', r.outcome, 'address', r.address,
    'requestId', r.request_id)::text
$$;
CREATE FUNCTION audit_hash(r audit_record) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(r.previous_hash || convert_to(public.audit_line(r), 'UTF8'))
$$;
-- A line of an archive's file. The record stands in it byte by byte as it was hashed.
CREATE FUNCTION audit_file_line(r audit_record) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT '{"record":' || public.audit_line(r) || ',"previousHash":"' || encode(r.previous_hash, 'hex')
    || '","hash":"' || encode(r.hash, 'hex') || '"}' || chr(10)
$$;
-- Whoever inserts says what happened; place, time and hashes are the chain's.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE head public.audit_head;
BEGIN
  SELECT * INTO STRICT head FROM public.audit_head FOR UPDATE;
  NEW.sequence := head.sequence + 1;
  NEW.recorded_at := greatest(date_trunc('milliseconds', clock_timestamp()), head.recorded_at);
  NEW.previous_hash := head.hash;
  NEW.hash := public.audit_hash(NEW);
  UPDATE public.audit_head SET sequence = NEW.sequence, recorded_at = NEW.recorded_at, hash = NEW.hash;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_record_chain BEFORE INSERT ON audit_record FOR EACH ROW EXECUTE FUNCTION audit_chain();
-- Nothing is changed, and nothing goes but what is archived.
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_record' AND EXISTS (
    SELECT FROM public.audit_archive a
    WHERE a.state = 'REMOVED' AND OLD.sequence BETWEEN a.first_sequence AND a.last_sequence AND a.removed_at = now()::timestamptz(3)) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'The audit is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'BX001';
END $$;
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_archive_kept BEFORE DELETE ON audit_archive FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_head_kept BEFORE DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_keep();
${['audit_record', 'audit_archive', 'audit_head']
  .map(
    (table) =>
      `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();`,
  )
  .join('\n')}
/*
 * The first place from 'first' to 'last' where the chain does not hold: a hash that is not the record's, one that does not follow
 * the former record, a gap, or an end that is not where the chain ended. NULL: it holds.
 */
CREATE FUNCTION audit_broken_at(first bigint, last bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  WITH anchor AS (
    SELECT a.last_sequence AS sequence, a.last_hash AS hash FROM public.audit_archive a WHERE a.state = 'REMOVED'
    UNION ALL SELECT 0, decode(repeat('00', 32), 'hex') ORDER BY 1 DESC LIMIT 1
  ), part AS (
    SELECT r.sequence, r.hash, r.previous_hash, public.audit_hash(r) AS right_hash,
           lag(r.sequence) OVER follows AS former_sequence, lag(r.hash) OVER follows AS former_hash
    FROM public.audit_record r WHERE r.sequence BETWEEN $1 - 1 AND $2 WINDOW follows AS (ORDER BY r.sequence)
  ), tail AS (
    SELECT sequence, hash FROM (SELECT sequence, hash FROM part UNION ALL SELECT sequence, hash FROM anchor) AS known
    ORDER BY sequence DESC LIMIT 1
  )
  SELECT min(broken.sequence) FROM (
    SELECT p.sequence FROM part p, anchor
    WHERE p.sequence >= $1 AND (p.hash <> p.right_hash OR p.previous_hash <> coalesce(p.former_hash, anchor.hash)
      OR p.sequence <> coalesce(p.former_sequence, anchor.sequence) + 1)
    UNION ALL
    SELECT tail.sequence + 1 FROM tail, public.audit_head head
    WHERE tail.sequence < least($2, head.sequence) OR (tail.sequence = head.sequence AND tail.hash <> head.hash)
  ) AS broken
$$;
`;

/** Both answer NULL when it is done, or why not: NONE, WRONG_FILE, or BROKEN with the sequence. BX002: no audit administrator. */
const ARCHIVES = `
CREATE FUNCTION audit_administrator(person uuid) RETURNS void LANGUAGE plpgsql ${AS_OWNER} AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.membership m WHERE m.person_id = person AND m.role = 'AUDIT_ADMINISTRATOR') THEN
    RAISE EXCEPTION 'Only an audit administrator archives the audit' USING ERRCODE = 'BX002';
  END IF;
END $$;
CREATE FUNCTION audit_file_hash(first bigint, last bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(string_agg(public.audit_file_line(r), '' ORDER BY r.sequence), 'UTF8'))
  FROM public.audit_record r WHERE r.sequence BETWEEN $1 AND $2
$$;
-- Offers the oldest records before an instant, at most 'most' of them.
CREATE FUNCTION audit_archive_offer(archive uuid, until timestamptz, most integer, person uuid) RETURNS text
LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE first public.audit_record; last public.audit_record; broken bigint;
BEGIN
  PERFORM public.audit_administrator(person);
  SELECT * INTO first FROM public.audit_record r ORDER BY r.sequence LIMIT 1;
  SELECT * INTO last FROM public.audit_record r
  WHERE r.recorded_at < until AND r.sequence < first.sequence + most ORDER BY r.sequence DESC LIMIT 1;
  IF last IS NULL THEN
    RETURN 'NONE';
  END IF;
  broken := public.audit_broken_at(first.sequence, last.sequence);
  IF broken IS NOT NULL THEN
    RETURN 'BROKEN ' || broken;
  END IF;
  INSERT INTO public.audit_archive
    (id, first_sequence, last_sequence, first_at, last_at, previous_hash, last_hash, file_hash, made_by)
  VALUES (archive, first.sequence, last.sequence, first.recorded_at, last.recorded_at, first.previous_hash, last.hash,
    public.audit_file_hash(first.sequence, last.sequence), person);
  RETURN NULL;
END $$;
-- Removes an archive's records for somebody who knows the hash of its file.
CREATE FUNCTION audit_archive_remove(archive uuid, shown bytea, person uuid) RETURNS text
LANGUAGE plpgsql ${AS_OWNER} AS $$
DECLARE known public.audit_archive; broken bigint;
BEGIN
  PERFORM public.audit_administrator(person);
  SELECT * INTO known FROM public.audit_archive a WHERE a.id = archive AND a.state = 'OFFERED' FOR UPDATE;
  IF known IS NULL OR known.first_sequence <> (SELECT min(r.sequence) FROM public.audit_record r) THEN
    RETURN 'NONE';
  END IF;
  IF shown <> known.file_hash OR shown <> public.audit_file_hash(known.first_sequence, known.last_sequence) THEN
    RETURN 'WRONG_FILE';
  END IF;
  broken := public.audit_broken_at(known.first_sequence, known.last_sequence);
  IF broken IS NOT NULL THEN
    RETURN 'BROKEN ' || broken;
  END IF;
  UPDATE public.audit_archive SET state = 'REMOVED', removed_by = person, removed_at = now() WHERE id = archive;
  DELETE FROM public.audit_record r WHERE r.sequence BETWEEN known.first_sequence AND known.last_sequence;
  RETURN NULL;
END $$;
`;

const ADMINISTRATORS = `
-- Who runs the system, who grants rights and who audits are three people.
CREATE UNIQUE INDEX membership_one_administration ON membership (person_id)
  WHERE role IN ('SYSTEM_ADMINISTRATOR','SECURITY_ADMINISTRATOR','AUDIT_ADMINISTRATOR');
-- For which case customs made it.
ALTER TABLE webhook_endpoint ADD COLUMN case_number text;
GRANT SELECT (case_number) ON webhook_endpoint TO boxtrail_app;
`;

const TARGETS = `
CREATE TABLE inspection_target (
  id uuid PRIMARY KEY,
  site_id text NOT NULL REFERENCES site,
  container_number text NOT NULL,
  state text NOT NULL DEFAULT 'SELECTED' CHECK (state IN ('SELECTED','NOTIFIED','RELEASED','WITHDRAWN')),
  organisation_id uuid NOT NULL REFERENCES organisation,
  case_number text NOT NULL,
  reason text NOT NULL,
  selected_by uuid NOT NULL,
  selected_at timestamptz(3) NOT NULL DEFAULT now(),
  notified_by uuid,
  notified_at timestamptz(3),
  ended_by uuid,
  ended_at timestamptz(3),
  CHECK (state IN ('SELECTED','WITHDRAWN') = (notified_at IS NULL)),
  CHECK (state IN ('RELEASED','WITHDRAWN') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX inspection_target_one_open ON inspection_target (site_id, container_number)
  WHERE state IN ('SELECTED','NOTIFIED');
CREATE INDEX inspection_target_by_time ON inspection_target (site_id, selected_at DESC, id);
`;

/** The owner has a policy of its own on what its functions touch: it may be no superuser, and row-level security is forced on it. */
const POLICIES = `
${['audit_record', 'audit_head', 'audit_archive']
  .map(
    (table) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app USING ((SELECT reader_scope()) = 'AUDIT');
CREATE POLICY ${table}_owner ON ${table} FOR ALL TO CURRENT_USER USING (true) WITH CHECK (true);`,
  )
  .join('\n')}
CREATE POLICY audit_record_recorders ON audit_record FOR INSERT TO boxtrail_ingest WITH CHECK (true);
CREATE POLICY membership_owner ON membership FOR SELECT TO CURRENT_USER USING (true);
ALTER TABLE inspection_target ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_target FORCE ROW LEVEL SECURITY;
CREATE POLICY inspection_target_readers ON inspection_target FOR SELECT TO boxtrail_app
  USING ((SELECT reader_scope()) = 'CUSTOMS' AND site_id = ANY ((SELECT reader_sites())::text[]));
CREATE POLICY inspection_target_recorders ON inspection_target FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);
`;

const GRANTS = `
GRANT SELECT ON audit_record, audit_head, audit_archive, inspection_target TO boxtrail_app;
GRANT INSERT (actor_kind, actor_id, organisation_id, role, operation, subject_type, subject_keys, asked, row_count, case_number,
  outcome, address, request_id) ON audit_record TO boxtrail_ingest;
GRANT SELECT, INSERT, UPDATE ON inspection_target TO boxtrail_ingest;
REVOKE ALL ON FUNCTION audit_line(audit_record), audit_hash(audit_record), audit_file_line(audit_record), audit_chain(), audit_keep(),
  audit_broken_at(bigint, bigint), audit_administrator(uuid), audit_file_hash(bigint, bigint),
  audit_archive_offer(uuid, timestamptz, integer, uuid), audit_archive_remove(uuid, bytea, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_line(audit_record), audit_hash(audit_record), audit_file_line(audit_record),
  audit_broken_at(bigint, bigint) TO boxtrail_app;
GRANT EXECUTE ON FUNCTION audit_archive_offer(uuid, timestamptz, integer, uuid), audit_archive_remove(uuid, bytea, uuid)
  TO boxtrail_ingest;
`;
