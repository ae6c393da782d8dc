import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { DELIVERY_PAUSES_MS, DELIVERY_STATES, ENDPOINT_STATES, type EndpointCommand } from './webhook.states.js';

/** Of one organisation that are not removed. */
export const MAX_ENDPOINTS = 20;
/** Deliveries that wait for one endpoint: when so many do, its cursor waits, and nothing is lost. */
const MAX_PENDING = 10_000;
/** How long a former secret still signs beside the new one. */
const OVERLAP = `interval '24 hours'`;
/** An endpoint that took nothing for so long is disabled. */
const PATIENCE = `interval '5 days'`;
/** An attempt whose process ended in the middle is made again after this. */
const LEASE = `interval '60 seconds'`;

export interface NewEndpoint {
  readonly organisationId: string;
  readonly madeBy: string;
  /** The API token that asked; null in a session. */
  readonly madeWith: string | null;
  readonly role: string;
  readonly caseNumber: string | null;
  readonly url: string;
  readonly description: string;
  readonly filter: unknown;
  /** Sealed. */
  readonly secret: (id: string) => Buffer;
  readonly from: JournalCursor;
}

export interface JournalCursor {
  readonly xid: string;
  readonly position: string;
}

/** @throws DomainError LIMIT_EXCEEDED */
export async function createEndpoint(tx: Tx, endpoint: NewEndpoint): Promise<string> {
  // The organisation's row holds two creations at once one behind the other.
  await tx.query('SELECT 1 FROM organisation WHERE id = $1 FOR NO KEY UPDATE', [endpoint.organisationId]);
  const [count] = await tx.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM webhook_endpoint WHERE organisation_id = $1 AND state <> 'REMOVED'`,
    [endpoint.organisationId],
  );
  if ((count?.n ?? 0) >= MAX_ENDPOINTS) {
    throw new DomainError('LIMIT_EXCEEDED', {
      limit: 'webhook endpoints of one organisation',
      expected: `at most ${MAX_ENDPOINTS}`,
    });
  }
  const id = newId();
  await tx.query(
    `INSERT INTO webhook_endpoint (id, organisation_id, made_by, made_with, role, url, description, filter, secret, cursor_xid,
       cursor_position, case_number)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::xid8, $11, $12)`,
    [
      id,
      endpoint.organisationId,
      endpoint.madeBy,
      endpoint.madeWith,
      endpoint.role,
      endpoint.url,
      endpoint.description,
      endpoint.filter === null ? null : JSON.stringify(endpoint.filter),
      endpoint.secret(id),
      endpoint.from.xid,
      endpoint.from.position,
      endpoint.caseNumber,
    ],
  );
  return id;
}

/** An endpoint as its organisation names it. */
export interface EndpointKey {
  readonly id: string;
  readonly organisationId: string;
}

/** @throws DomainError NOT_FOUND, CONFLICT when its state does not know the command */
export async function commandEndpoint(tx: Tx, key: EndpointKey, command: EndpointCommand): Promise<void> {
  const { set, where } = ENDPOINT_STATES.transition(command);
  const changed = await tx.query(
    `UPDATE webhook_endpoint SET state = ${set}, state_reason = NULL, failures = 0, failing_since = NULL, rests_until = NULL
     WHERE id = $1 AND organisation_id = $2 AND ${where} RETURNING 1`,
    [key.id, key.organisationId],
  );
  if (changed.length > 0) return;
  const [kept] = await tx.query<{ state: (typeof ENDPOINT_STATES.names)[number] }>(
    'SELECT state FROM webhook_endpoint WHERE id = $1 AND organisation_id = $2',
    [key.id, key.organisationId],
  );
  if (kept === undefined) throw notFound();
  ENDPOINT_STATES.decide(kept.state, command);
}

/** The former secret signs beside it for a day. @throws DomainError NOT_FOUND */
export async function replaceSecret(tx: Tx, { id, organisationId }: EndpointKey, sealed: Buffer): Promise<void> {
  const changed = await tx.query(
    `UPDATE webhook_endpoint SET former_secret = secret, former_until = now() + ${OVERLAP}, secret = $3
     WHERE id = $1 AND organisation_id = $2 AND state <> 'REMOVED' RETURNING 1`,
    [id, organisationId, sealed],
  );
  if (changed.length === 0) throw notFound();
}

/** Everything behind the place is delivered, again where it was before. @throws DomainError NOT_FOUND */
export async function replayFrom(tx: Tx, { id, organisationId }: EndpointKey, from: JournalCursor): Promise<void> {
  const changed = await tx.query(
    `UPDATE webhook_endpoint SET cursor_xid = $3::xid8, cursor_position = $4
     WHERE id = $1 AND organisation_id = $2 AND state <> 'REMOVED' RETURNING 1`,
    [id, organisationId, from.xid, from.position],
  );
  if (changed.length === 0) throw notFound();
}

/** Tries an event once more, whatever became of it. @throws DomainError NOT_FOUND when it was never on its way there */
export async function retryDelivery(
  tx: Tx,
  { id, organisationId }: EndpointKey,
  event: { readonly siteId: string; readonly eventId: string },
): Promise<void> {
  const changed = await tx.query(
    `UPDATE webhook_delivery SET state = 'PENDING', attempts = 0, next_attempt_at = now()
     WHERE endpoint_id = $1 AND organisation_id = $2 AND site_id = $3 AND event_id = $4 RETURNING 1`,
    [id, organisationId, event.siteId, event.eventId],
  );
  if (changed.length === 0) throw notFound();
}

const notFound = (): DomainError => new DomainError('NOT_FOUND', { field: 'id' });

/** What the worker needs of an endpoint. */
export interface WorkingEndpoint {
  readonly id: string;
  readonly organisationId: string;
  readonly madeBy: string;
  readonly madeWith: string | null;
  readonly role: string;
  readonly caseNumber: string | null;
  readonly filter: unknown;
  readonly cursor: JournalCursor;
  readonly rests: boolean;
  readonly pending: number;
}

/** Endpoints that are told of events, each with how many wait for it; at most `limit` of them, by id behind `after`. */
export async function workingEndpoints(tx: Tx, after: string, limit: number): Promise<readonly WorkingEndpoint[]> {
  const rows = await tx.query<Omit<WorkingEndpoint, 'cursor'> & JournalCursor>(
    `SELECT e.id::text, e.organisation_id::text AS "organisationId", e.made_by::text AS "madeBy",
            e.made_with::text AS "madeWith", e.role, e.case_number AS "caseNumber", e.filter,
            e.cursor_xid::text AS xid, e.cursor_position::text AS position, coalesce(e.rests_until > now(), false) AS rests,
            (SELECT count(*)::int FROM (
               SELECT 1 FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.state = 'PENDING' LIMIT ${MAX_PENDING}) AS waiting) AS pending
     FROM webhook_endpoint e WHERE e.state = 'ACTIVE' AND e.id > $1::uuid ORDER BY e.id LIMIT $2`,
    [after, limit],
  );
  return rows.map(({ xid, position, ...endpoint }) => ({ ...endpoint, cursor: { xid, position } }));
}

export const mayTakeMore = ({ pending }: WorkingEndpoint): boolean => pending < MAX_PENDING;

export interface JournalRow extends JournalCursor {
  readonly siteId: string;
  readonly uuid: string;
}

/**
 * Puts events on their way and moves the cursor behind them, in one transaction, unless somebody moved it meanwhile.
 * An event that was delivered before (a replay) is put on its way again.
 */
export async function enqueue(
  tx: Tx,
  { id, organisationId, cursor }: WorkingEndpoint,
  events: readonly JournalRow[],
  end: JournalCursor,
): Promise<boolean> {
  const moved = await tx.query(
    `UPDATE webhook_endpoint SET cursor_xid = $4::xid8, cursor_position = $5
     WHERE id = $1 AND state = 'ACTIVE' AND cursor_xid = $2::xid8 AND cursor_position = $3 RETURNING 1`,
    [id, cursor.xid, cursor.position, end.xid, end.position],
  );
  if (moved.length === 0) return false;
  await tx.query(
    `INSERT INTO webhook_delivery (endpoint_id, site_id, event_id, organisation_id, xid, position)
     SELECT $1, site, event, $2, xid, position
     FROM unnest($3::text[], $4::uuid[], $5::xid8[], $6::bigint[]) AS of(site, event, xid, position)
     ON CONFLICT (endpoint_id, site_id, event_id) DO UPDATE SET state = 'PENDING', attempts = 0, next_attempt_at = now()`,
    [
      id,
      organisationId,
      events.map(({ siteId }) => siteId),
      events.map(({ uuid }) => uuid),
      events.map(({ xid }) => xid),
      events.map(({ position }) => position),
    ],
  );
  return true;
}

export interface ClaimedDelivery {
  readonly siteId: string;
  readonly eventId: string;
  /** This one included. */
  readonly attempts: number;
  readonly url: string;
  readonly secret: Buffer;
  /** null once its time is over. */
  readonly formerSecret: Buffer | null;
}

/**
 * Takes the first that is due, in the journal's order, for one attempt; what a dead process took comes free by itself. Where it goes
 * and what signs it are those of this moment, so that a secret which was replaced before an event signs that event.
 */
export async function claimDue(tx: Tx, endpointId: string): Promise<ClaimedDelivery | null> {
  const [claimed] = await tx.query<ClaimedDelivery>(
    `WITH due AS (
       SELECT endpoint_id, site_id, event_id FROM webhook_delivery
       WHERE endpoint_id = $1 AND state = 'PENDING' AND next_attempt_at <= now()
       ORDER BY xid, position LIMIT 1 FOR UPDATE SKIP LOCKED)
     UPDATE webhook_delivery d SET attempts = d.attempts + 1, last_attempt_at = now(), next_attempt_at = now() + ${LEASE}
     FROM due JOIN webhook_endpoint e ON e.id = due.endpoint_id AND e.state = 'ACTIVE'
     WHERE (d.endpoint_id, d.site_id, d.event_id) = (due.endpoint_id, due.site_id, due.event_id)
     RETURNING d.site_id AS "siteId", d.event_id::text AS "eventId", d.attempts, e.url, e.secret,
               CASE WHEN e.former_until > now() THEN e.former_secret END AS "formerSecret"`,
    [endpointId],
  );
  return claimed ?? null;
}

/** What an attempt came to. */
export type Attempt =
  | { readonly kind: 'TAKEN'; readonly status: number }
  /** `gone`: 410, the endpoint is no more. */
  | { readonly kind: 'REFUSED'; readonly status: number; readonly error: string; readonly gone: boolean }
  | { readonly kind: 'UNHEARD'; readonly error: string }
  | { readonly kind: 'WITHHELD' };

/**
 * Writes down what became of an attempt, on the delivery and on its endpoint.
 * @param pausesMs before the next attempt, by attempts made; after the last one the delivery is dead and is kept
 */
export async function settle(
  tx: Tx,
  endpointId: string,
  { siteId, eventId, attempts }: ClaimedDelivery,
  attempt: Attempt,
  pausesMs: readonly number[] = DELIVERY_PAUSES_MS,
): Promise<void> {
  const command = attempt.kind === 'TAKEN' ? 'TAKE' : attempt.kind === 'WITHHELD' ? 'WITHHOLD' : null;
  const pauseMs = pausesMs[attempts - 1];
  const state = DELIVERY_STATES.decide('PENDING', command ?? 'GIVE_UP');
  const isOver = command !== null || pauseMs === undefined;
  await tx.query(
    `UPDATE webhook_delivery SET state = $4, next_attempt_at = now() + make_interval(secs => $5), last_status = $6, last_error = $7
     WHERE endpoint_id = $1 AND site_id = $2 AND event_id = $3 AND state = 'PENDING'`,
    [
      endpointId,
      siteId,
      eventId,
      isOver ? state : 'PENDING',
      (pauseMs ?? 0) / 1_000,
      'status' in attempt ? attempt.status : null,
      'error' in attempt ? attempt.error.slice(0, 500) : null,
    ],
  );
  if (attempt.kind === 'WITHHELD') return;
  if (attempt.kind === 'TAKEN') {
    await tx.query(
      `UPDATE webhook_endpoint SET failures = 0, failing_since = NULL, rests_until = NULL WHERE id = $1 AND failures > 0`,
      [endpointId],
    );
    return;
  }
  if (attempt.kind === 'REFUSED' && attempt.gone) return disableEndpoint(tx, endpointId, 'it answered 410, gone');
  const [endpoint] = await tx.query<{ hopeless: boolean }>(
    `UPDATE webhook_endpoint SET failures = failures + 1, failing_since = coalesce(failing_since, now()),
       rests_until = CASE WHEN $2 THEN now() + make_interval(secs => ($3::float8[])[least(failures + 1, array_length($3::float8[], 1))]) END
     WHERE id = $1 AND state = 'ACTIVE' RETURNING now() - failing_since > ${PATIENCE} AS hopeless`,
    [endpointId, attempt.kind === 'UNHEARD', pausesMs.map((ms) => ms / 1_000)],
  );
  if (endpoint?.hopeless === true) await disableEndpoint(tx, endpointId, 'it took nothing for five days');
}

export async function disableEndpoint(tx: Tx, endpointId: string, why: string): Promise<void> {
  const { set, where } = ENDPOINT_STATES.transition('DISABLE');
  await tx.query(`UPDATE webhook_endpoint SET state = ${set}, state_reason = $2 WHERE id = $1 AND ${where}`, [
    endpointId,
    why,
  ]);
}
