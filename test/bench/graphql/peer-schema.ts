/**
 * What PostGraphile needs to answer the bench's documents from our tables: names for keys that our schema does not declare, and
 * the questions that are more than a row's own columns as functions in the database. These hold the same SQL as our service
 * sends, ranges of the same indexes included, so that both sides ask PostgreSQL for the same work under the same policies.
 */
const STANDS = `NOT EXISTS (SELECT 1 FROM tracking_event later WHERE later.withdraws = e.id)`;
const IN_WINDOW = `e.asset_kind = 'CONTAINER' AND e.asset_code = w.container_number
  AND e.occurred_at >= w.valid_from AND e.occurred_at < CASE WHEN w.valid_to IS NULL THEN 'infinity' ELSE w.valid_to END`;
/** Companies alone ask for shipments and boxes: their windows are those of the view, as for our service. */
const SIGHT = `(SELECT min(w.valid_from) AS opens, max(CASE WHEN w.valid_to IS NULL THEN 'infinity' ELSE w.valid_to END) AS closes
  FROM own_window w WHERE w.container_number = number) sight`;
const WITHIN = 'e.occurred_at >= sight.opens AND e.occurred_at < sight.closes';

export const PEER_SCHEMA = `
COMMENT ON TABLE tracking_event IS E'@foreignKey (site_id) references site (id)\\n@foreignKey (gate_id) references gate (id)\\n@foreignKey (zone_id) references zone (id)';
COMMENT ON TABLE milestone IS E'@foreignKey (site_id) references site (id)';
COMMENT ON TABLE asset_state IS E'@foreignKey (site_id) references site (id)';

-- It takes whole rows: our service may read all of a shipment's columns but papers' numbers, and asks for these here no more than it.
GRANT SELECT ON shipment TO boxtrail_app;

CREATE OR REPLACE FUNCTION shipment_container_windows(box shipment_container) RETURNS SETOF company_window LANGUAGE sql STABLE AS $$
  SELECT w.* FROM own_window w WHERE w.shipment_id = box.shipment_id AND w.container_number = box.container_number
$$;

CREATE OR REPLACE FUNCTION shipment_last_events(s shipment, count integer) RETURNS SETOF tracking_event LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (e.occurred_at, e.id) e.* FROM own_window w JOIN tracking_event e ON ${IN_WINDOW}
  WHERE w.shipment_id = s.id AND ${STANDS}
  ORDER BY e.occurred_at DESC, e.id LIMIT count
$$;

CREATE OR REPLACE FUNCTION milestone_reached_by(m milestone) RETURNS SETOF tracking_event LANGUAGE sql STABLE AS $$
  SELECT hit.* FROM (
    SELECT DISTINCT w.container_number FROM own_window w
    JOIN shipment_container c ON c.shipment_id = w.shipment_id AND c.container_number = w.container_number AND c.left_at IS NULL
    WHERE w.shipment_id = m.shipment_id) box
  CROSS JOIN LATERAL (
    SELECT e.* FROM own_window w JOIN tracking_event e ON ${IN_WINDOW}
    WHERE w.shipment_id = m.shipment_id AND w.container_number = box.container_number
      AND e.kind = CASE m.code WHEN 'GTIN' THEN 'ContainerGatedIn' WHEN 'GTOT' THEN 'ContainerGatedOut' END
      AND (m.site_id IS NULL OR e.site_id = m.site_id)
      AND (m.zone_id IS NULL OR e.zone_id = m.zone_id OR e.zone_id IS NULL)
      AND ${STANDS}
    ORDER BY e.occurred_at, e.id LIMIT 1) hit
  ORDER BY box.container_number
$$;

CREATE OR REPLACE FUNCTION event_page(kinds text[], since timestamptz, until timestamptz, count integer)
RETURNS SETOF tracking_event LANGUAGE sql STABLE AS $$
  SELECT e.* FROM unnest(string_to_array(current_setting('boxtrail.sites'), ',')) AS own(site) CROSS JOIN LATERAL (
    SELECT e.* FROM tracking_event e
    WHERE e.site_id = own.site AND e.kind = ANY (kinds) AND e.occurred_at >= since AND e.occurred_at < until AND ${STANDS}
    ORDER BY e.occurred_at DESC, e.id LIMIT count) e
  ORDER BY e.occurred_at DESC, e.id LIMIT count
$$;

CREATE OR REPLACE FUNCTION windows_of_box(number text) RETURNS SETOF company_window LANGUAGE sql STABLE AS $$
  SELECT w.* FROM own_window w JOIN shipment s ON s.id = w.shipment_id WHERE w.container_number = number
  ORDER BY s.created_at DESC, s.id
$$;

CREATE OR REPLACE FUNCTION events_of_box(number text, count integer) RETURNS SETOF tracking_event LANGUAGE sql STABLE AS $$
  SELECT e.* FROM ${SIGHT} CROSS JOIN LATERAL (
    SELECT e.* FROM tracking_event e WHERE e.asset_kind = 'CONTAINER' AND e.asset_code = number AND ${WITHIN} AND ${STANDS}
    ORDER BY e.occurred_at DESC, e.id LIMIT count) e
$$;

CREATE OR REPLACE FUNCTION decisive_event(number text) RETURNS tracking_event LANGUAGE sql STABLE AS $$
  SELECT e.* FROM ${SIGHT} CROSS JOIN LATERAL (
    SELECT e.* FROM tracking_event e LEFT JOIN zone z ON z.id = e.zone_id
    WHERE e.asset_kind = 'CONTAINER' AND e.asset_code = number AND ${WITHIN} AND ${STANDS}
      AND (e.kind IN ('ContainerGatedIn', 'ContainerGatedOut', 'PassRefused')
        OR (e.kind = 'ZoneEntered' AND z.kind IN ('TERMINAL', 'YARD', 'BERTH', 'TRUCK_PARK'))
        OR (e.kind = 'ZoneExited' AND z.kind = 'TERMINAL'))
    ORDER BY e.occurred_at DESC, e.id LIMIT 1) e
$$;
`;
