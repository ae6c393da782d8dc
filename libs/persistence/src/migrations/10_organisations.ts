import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCESS_CHANGES, GRANTS, NOTHING_OF_ITS_OWN, POLICIES, READER_FUNCTIONS } from './10_organisations_readers.js';

/**
 * Who an organisation is, whom a company's window shows what, and settings that only the service can make.
 * - an organisation's state, its papers and its transitions, of which none is ever changed;
 * - windows by title (a party's, a grant's) with what they show, grants for ever, and what was done to a shipment;
 * - policies that believe the settings of a transaction only under the seal of `reader_key`, and no organisation that is suspended;
 * - the identity tables under policies of their own.
 */
export class Organisations1764158400000 implements MigrationInterface {
  readonly name = 'Organisations1764158400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      STANDING,
      WINDOWS,
      READER_FUNCTIONS,
      POLICIES,
      GRANTS,
      NOTHING_OF_ITS_OWN,
      ACCESS_CHANGES,
    ]) {
      await runner.query(statement);
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations go forward only; restore a backup instead.'));
  }
}

const STATES = `('REGISTERED','SUBMITTED','VERIFYING','VERIFIED','REJECTED','EXPIRED','SUSPENDED')`;

const appendOnly = (table: string): string => `
CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();`;

const STANDING = `
ALTER TABLE organisation
  ADD COLUMN credit_code text UNIQUE CHECK (credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
  ADD COLUMN state text NOT NULL DEFAULT 'REGISTERED' CHECK (state IN ${STATES}),
  ADD COLUMN state_since timestamptz(3) NOT NULL DEFAULT now();
CREATE INDEX organisation_by_state ON organisation (state, state_since DESC, id);
CREATE TABLE organisation_paper (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  kind text NOT NULL CHECK (kind IN ('BUSINESS_LICENCE','LEGAL_PERSON_ID','INSTITUTION_CERTIFICATE','PORT_OPERATION_LICENCE',
    'FINANCIAL_LICENCE','ROAD_TRANSPORT_LICENCE','FREIGHT_FORWARDER_FILING','CARRIER_FILING')),
  number text NOT NULL,
  issuer text NOT NULL,
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  -- Where the copy lies; the copy itself is not kept here.
  document_ref text NOT NULL,
  submitted_by uuid NOT NULL,
  submitted_at timestamptz(3) NOT NULL,
  verdict text CHECK (verdict IN ('ACCEPTED','REFUSED')),
  verified_by uuid,
  verified_at timestamptz(3),
  CHECK (valid_to IS NULL OR valid_to > valid_from),
  CHECK ((verdict IS NULL) = (verified_at IS NULL) AND (verdict IS NULL) = (verified_by IS NULL))
);
CREATE INDEX organisation_paper_by_organisation ON organisation_paper (organisation_id, submitted_at, id);
CREATE INDEX organisation_paper_by_end ON organisation_paper (valid_to) WHERE verdict = 'ACCEPTED' AND valid_to IS NOT NULL;
-- Told once for each of its distances from the paper's end.
CREATE TABLE paper_alert (
  paper_id uuid NOT NULL REFERENCES organisation_paper,
  days_before integer NOT NULL CHECK (days_before >= 0),
  id uuid NOT NULL UNIQUE,
  organisation_id uuid NOT NULL REFERENCES organisation,
  raised_at timestamptz(3) NOT NULL,
  PRIMARY KEY (paper_id, days_before)
);
CREATE INDEX paper_alert_by_time ON paper_alert (raised_at DESC, id);
CREATE INDEX paper_alert_by_organisation ON paper_alert (organisation_id, raised_at DESC, id);
CREATE TABLE organisation_transition (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  command text NOT NULL CHECK (command IN ('REGISTER','SUBMIT','BEGIN','VERIFY','REJECT','EXPIRE','SUSPEND','LIFT')),
  from_state text CHECK (from_state IN ${STATES}),
  to_state text NOT NULL CHECK (to_state IN ${STATES}),
  at timestamptz(3) NOT NULL,
  -- null: the service itself, when a paper has run out.
  actor_id uuid,
  actor_organisation_id uuid REFERENCES organisation,
  reason text
);
CREATE INDEX organisation_transition_by_organisation ON organisation_transition (organisation_id, at, id);
${appendOnly('organisation_transition')}
`;

const WINDOWS = `
ALTER TABLE company_window
  -- By what right: a party's role, or the id of a grant. PARTY: put in before roles were told apart.
  ADD COLUMN title text NOT NULL DEFAULT 'PARTY',
  -- What it shows, such as event:ContainerGatedIn, number:*, party:FORWARDER, leg:ROAD, milestone:GTIN, place, history; null: all.
  ADD COLUMN sees text[],
  DROP CONSTRAINT company_window_pkey,
  ADD PRIMARY KEY (organisation_id, container_number, shipment_id, valid_from, title);
-- Swapped for another box, or released: the shipment's milestones no longer wait for it.
ALTER TABLE shipment_container ADD COLUMN left_at timestamptz(3);
CREATE INDEX shipment_party_by_organisation ON shipment_party (organisation_id, shipment_id);
CREATE TABLE window_grant (
  id uuid PRIMARY KEY,
  shipment_id uuid NOT NULL REFERENCES shipment,
  -- null: every box of the shipment, also after a swap or a split.
  container_number text,
  grantor_id uuid NOT NULL REFERENCES organisation,
  grantee_id uuid NOT NULL REFERENCES organisation,
  seen_as text NOT NULL CHECK (seen_as IN ('GUEST','SHIPPER','CONSIGNEE','FORWARDER','CARRIER','HAULIER')),
  valid_from timestamptz(3) NOT NULL,
  valid_to timestamptz(3),
  granted_by uuid NOT NULL,
  granted_at timestamptz(3) NOT NULL,
  withdrawn_by uuid,
  withdrawn_at timestamptz(3),
  CHECK (grantor_id <> grantee_id),
  CHECK (valid_to IS NULL OR valid_to > valid_from),
  CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
);
CREATE INDEX window_grant_by_grantor ON window_grant (grantor_id, granted_at DESC, id);
CREATE INDEX window_grant_by_grantee ON window_grant (grantee_id, granted_at DESC, id);
CREATE TRIGGER window_grant_for_ever BEFORE DELETE ON window_grant FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER window_grant_no_truncate BEFORE TRUNCATE ON window_grant FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TABLE shipment_change (
  id uuid PRIMARY KEY,
  shipment_id uuid NOT NULL REFERENCES shipment,
  kind text NOT NULL CHECK (kind IN ('BOOKED','CONTAINER_SWAPPED','ROLLED_OVER','SPLIT','MERGED','CONTAINER_RELEASED','ENDED')),
  at timestamptz(3) NOT NULL,
  actor_id uuid NOT NULL,
  organisation_id uuid NOT NULL REFERENCES organisation,
  details jsonb NOT NULL
);
CREATE INDEX shipment_change_by_shipment ON shipment_change (shipment_id, at, id);
${appendOnly('shipment_change')}
-- Row-level security knows no columns: what not every party may read stands here as rows, and the reading role has no right to the
-- columns of shipment that these are made of.
CREATE TABLE shipment_number (
  shipment_id uuid NOT NULL REFERENCES shipment,
  kind text NOT NULL CHECK (kind IN ('BOOKING','BILL')),
  number text NOT NULL,
  PRIMARY KEY (shipment_id, kind)
);
CREATE INDEX shipment_number_by_number ON shipment_number (number);
CREATE FUNCTION keep_shipment_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM shipment_number n USING fresh WHERE n.shipment_id = fresh.id;
  END IF;
  INSERT INTO shipment_number (shipment_id, kind, number)
  SELECT fresh.id, told.kind, told.number FROM fresh
  CROSS JOIN LATERAL (VALUES ('BOOKING', fresh.booking_number), ('BILL', fresh.bill_number)) AS told(kind, number)
  WHERE told.number IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER shipment_numbers_of_new AFTER INSERT ON shipment
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION keep_shipment_numbers();
CREATE TRIGGER shipment_numbers_of_changed AFTER UPDATE ON shipment
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION keep_shipment_numbers();
-- No policy lets the owner read it.
ALTER TABLE shipment NO FORCE ROW LEVEL SECURITY;
INSERT INTO shipment_number (shipment_id, kind, number)
SELECT s.id, told.kind, told.number FROM shipment s
CROSS JOIN LATERAL (VALUES ('BOOKING', s.booking_number), ('BILL', s.bill_number)) AS told(kind, number)
WHERE told.number IS NOT NULL;
ALTER TABLE shipment FORCE ROW LEVEL SECURITY;
`;
