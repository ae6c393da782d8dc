/**
 * What a transaction says of its reader, believed only under its seal. `Database.read` sets `boxtrail.scope`, `.organisation` and
 * `.sites` with `boxtrail.seal`, their keyed hash. Whoever brings SQL of their own into a read can change the settings and cannot
 * make a seal: `reader_key` is hidden from the reading role. Each function judges and answers in one go, so that a setting which
 * is changed within a statement is never believed under the seal of the one before. A suspended organisation has no seal that holds.
 */
export const readerFunction = (name: string, returns: string, wanted: string, answer: string): string => `
CREATE FUNCTION ${name}() RETURNS ${returns} LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  said_scope text := nullif(current_setting('boxtrail.scope', true), '');
  said_organisation text := coalesce(current_setting('boxtrail.organisation', true), '');
  said_sites text := coalesce(current_setting('boxtrail.sites', true), '');
  secret bytea;
BEGIN
  IF coalesce(${wanted}, false) THEN
    SELECT k.key INTO secret FROM public.reader_key k
    WHERE said_organisation = '' OR NOT EXISTS (
      SELECT FROM public.organisation o WHERE o.id = said_organisation::uuid AND o.state = 'SUSPENDED');
    IF coalesce(current_setting('boxtrail.seal', true) = encode(sha256(secret || sha256(secret ||
        convert_to(said_scope || '|' || said_organisation || '|' || said_sites, 'UTF8'))), 'hex'), false) THEN
      RETURN ${answer};
    END IF;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${name}() TO boxtrail_app;`;

export const READER_FUNCTIONS = `
CREATE TABLE reader_key (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  key bytea NOT NULL
);
-- 244 random bits.
INSERT INTO reader_key (key) VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
${readerFunction('reader_scope', 'text', 'said_scope IS NOT NULL', 'said_scope')}
${readerFunction('reader_organisation', 'uuid', `said_organisation <> ''`, 'said_organisation::uuid')}
${readerFunction('reader_company', 'uuid', `said_scope = 'COMPANY'`, 'said_organisation::uuid')}
${readerFunction('reader_sites', 'text[]', `said_scope IN ('TERMINAL','CUSTOMS')`, `string_to_array(nullif(said_sites, ''), ',')`)}
`;

/** Each in a sub-select: asked once a statement. */
const SCOPE = '(SELECT reader_scope())';
const ORGANISATION = '(SELECT reader_organisation())';
const COMPANY = '(SELECT reader_company())';
const SITES = '(SELECT reader_sites())';

const atOwnSite = `site_id = ANY (${SITES}::text[])`;

/** What a window must show besides being the reader's own: `name`, `name:*` or `name:value`; null shows all. */
const shows = (name: string, value?: string): string =>
  `(w.sees IS NULL OR w.sees && ARRAY[${value === undefined ? `'${name}'` : `'${name}:*', '${name}:' || ${value}`}])`;
const ownWindow = (...conditions: readonly string[]): string => `EXISTS (
  SELECT 1 FROM company_window w WHERE ${[`w.organisation_id = ${COMPANY}`, ...conditions].join(' AND ')})`;
const ofShipment = (table: string, column: string, ...conditions: readonly string[]): string =>
  `${SCOPE} = 'CUSTOMS' OR ${ownWindow(`w.shipment_id = ${table}.${column}`, ...conditions)}`;
const ofOrganisation = (column: string, ...scopes: readonly string[]): string =>
  `${column} = ${ORGANISATION} OR ${SCOPE} IN (${scopes.map((scope) => `'${scope}'`).join(',')})`;

/** Table of an earlier migration → who among readers sees a row, from now on. */
const CHANGED: Readonly<Record<string, string>> = {
  tracking_event: `${atOwnSite} OR ${ownWindow(
    'w.container_number = tracking_event.container_number',
    'tracking_event.occurred_at >= w.valid_from',
    '(w.valid_to IS NULL OR tracking_event.occurred_at < w.valid_to)',
    shows('event', 'tracking_event.kind'),
  )}`,
  // One window holds all that the row says: what was known before it began is of the company before.
  asset_state: `${atOwnSite} OR (asset_kind = 'CONTAINER' AND ${ownWindow(
    'w.container_number = asset_state.asset_code',
    'least(position_at, fence_at, last_event_at, known_at) >= w.valid_from',
    '(w.valid_to IS NULL OR greatest(now(), known_at) < w.valid_to)',
    shows('place'),
  )})`,
  ...Object.fromEntries(
    [
      'observation',
      'refused_input',
      'gate_pass',
      'pass_container',
      'truck_visit',
      'visit_transaction',
      'unresolved_observation',
      'alert',
      'device_health',
      'gateway_health',
      'outbox',
    ].map((table) => [table, atOwnSite]),
  ),
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
  company_window: `organisation_id = ${COMPANY} OR ${SCOPE} = 'CUSTOMS'`,
  // What a pass bound is known where the pass is: the other terminals' trucks are not a terminal's business.
  binding: `${SCOPE} IN ('TERMINAL','CUSTOMS') AND (pass_id IS NULL OR EXISTS (
    SELECT 1 FROM gate_pass p WHERE p.site_id = ANY (${SITES}::text[]) AND p.id = binding.pass_id))`,
  asset: `${SCOPE} IN ('TERMINAL','CUSTOMS')`,
  machine_key: `${SCOPE} = 'SYSTEM'`,
  ...Object.fromEntries(
    ['webhook_endpoint', 'webhook_delivery'].map((table) => [
      table,
      `organisation_id = ${ORGANISATION} AND ${SCOPE} IN ('COMPANY','TERMINAL','CUSTOMS')`,
    ]),
  ),
};

/** Table → the same, for those that had no policy. */
const NEW: Readonly<Record<string, string>> = {
  // Itself, the parties of its shipments, and with whom it shares windows.
  organisation: `${ofOrganisation('id', 'PLATFORM')}
    OR EXISTS (SELECT 1 FROM shipment_party p WHERE p.organisation_id = organisation.id)
    OR EXISTS (SELECT 1 FROM window_grant g WHERE organisation.id IN (g.grantor_id, g.grantee_id))`,
  organisation_site: ofOrganisation('organisation_id', 'PLATFORM'),
  membership: ofOrganisation('organisation_id', 'PLATFORM'),
  person: `${SCOPE} = 'PLATFORM' OR EXISTS (SELECT 1 FROM membership m WHERE m.person_id = person.id)`,
  organisation_paper: ofOrganisation('organisation_id', 'PLATFORM'),
  paper_alert: ofOrganisation('organisation_id', 'PLATFORM'),
  organisation_transition: ofOrganisation('organisation_id', 'PLATFORM'),
  window_grant: `${COMPANY} IN (grantor_id, grantee_id)`,
  shipment_change: ofShipment('shipment_change', 'shipment_id', shows('history')),
  shipment_number: ofShipment('shipment_number', 'shipment_id', shows('number', 'shipment_number.kind')),
};

export const POLICIES = [
  ...Object.entries(CHANGED).map(([table, visible]) => `ALTER POLICY ${table}_readers ON ${table} USING (${visible});`),
  ...Object.entries(NEW).map(
    ([table, visible]) => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ${table}_readers ON ${table} FOR SELECT TO boxtrail_app USING (${visible});
CREATE POLICY ${table}_recorders ON ${table} FOR ALL TO boxtrail_ingest USING (true) WITH CHECK (true);`,
  ),
  // The reader functions ask in the owner's name whether an organisation is suspended.
  'CREATE POLICY organisation_owner ON organisation FOR SELECT TO CURRENT_USER USING (true);',
].join('\n');

/**
 * The reading role makes nothing of its own: no table in front of ours in the search path, no function that tells of each row that
 * it is asked about. Roles that own the database, or were granted it, keep what they have.
 */
export const NOTHING_OF_ITS_OWN = `
DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database()); END $$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
`;

export const GRANTS = `
GRANT SELECT ON organisation_paper, paper_alert, organisation_transition, window_grant, shipment_change, shipment_number
  TO boxtrail_app;
REVOKE SELECT ON shipment FROM boxtrail_app;
GRANT SELECT (id, reference, trade, created_at, ended_at) ON shipment TO boxtrail_app;
GRANT SELECT, INSERT ON organisation_paper, paper_alert, organisation_transition, window_grant, shipment_change, shipment_number
  TO boxtrail_ingest;
GRANT UPDATE (verdict, verified_by, verified_at) ON organisation_paper TO boxtrail_ingest;
GRANT UPDATE (withdrawn_by, withdrawn_at) ON window_grant TO boxtrail_ingest;
GRANT DELETE ON company_window, shipment_number TO boxtrail_ingest;
GRANT SELECT ON reader_key TO boxtrail_ingest;
`;

/**
 * The channel on which it is told that somebody's rights have changed: PERSON:<id>, ORGANISATION:<id>, or WINDOWS:<organisation>
 * for what a company sees; once a transaction for each, at its commit. What only gives a right is not told.
 */
const tellOf = (
  table: string,
  when: string,
  whom: 'PERSON' | 'ORGANISATION' | 'WINDOWS',
  ...columns: readonly [string, string?]
): string => `
CREATE TRIGGER ${table}_tells_access AFTER ${when} ON ${table}
  FOR EACH ROW EXECUTE FUNCTION tell_access_change('${whom}', ${columns.map((column) => `'${column}'`).join(', ')});`;

export const ACCESS_CHANGES = `
CREATE FUNCTION tell_access_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed jsonb := to_jsonb(coalesce(OLD, NEW));
BEGIN
  -- the first of the columns that says whose it is
  PERFORM pg_notify('boxtrail_access', TG_ARGV[0] || ':' || coalesce(changed ->> TG_ARGV[1], changed ->> TG_ARGV[2]));
  RETURN NULL;
END $$;
${tellOf('organisation', 'UPDATE OF state', 'ORGANISATION', 'id')}
${tellOf('organisation_site', 'INSERT OR UPDATE OR DELETE', 'ORGANISATION', 'organisation_id')}
${tellOf('membership', 'UPDATE OR DELETE', 'PERSON', 'person_id')}
${tellOf('access_token', 'UPDATE OF revoked_at, expires_at OR DELETE', 'PERSON', 'person_id', 'service_account_id')}
${tellOf('service_account', 'UPDATE OF closed_at OR DELETE', 'PERSON', 'id')}
${tellOf('session', 'UPDATE OF organisation_id, role, second_factor_at, ends_at, ended_at OR DELETE', 'PERSON', 'person_id')}
${tellOf('company_window', 'UPDATE OF valid_from, valid_to, sees OR DELETE', 'WINDOWS', 'organisation_id')}
`;
