import { announce, appendEvents, type EventKind, type NewTrackingEvent } from '#libs/journal';
import { DomainError, newId, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { TARGET_STATES, type TargetCommand, type TargetState } from './target.states.js';

/** An officer, with the sites of their office's district. */
export interface Officer {
  readonly personId: string;
  readonly organisationId: string;
  readonly siteIds: readonly string[];
}

export interface Selection {
  readonly containerNumber: string;
  readonly siteId: string;
  readonly caseNumber: string;
  readonly reason: string;
}

/**
 * Selects a box for inspection. It writes its own row and nothing else: no event, no asset, no alert.
 * @returns its id
 * @throws DomainError NOT_FOUND for a site out of the district, CONFLICT when the box is selected there already
 */
export async function selectTarget(tx: Tx, officer: Officer, selection: Selection): Promise<string> {
  const { containerNumber, siteId, caseNumber, reason } = selection;
  if (!officer.siteIds.includes(siteId)) throw new DomainError('NOT_FOUND', { field: 'input.site', value: siteId });
  const id = newId();
  const made = await tx.query(
    `INSERT INTO inspection_target (id, site_id, container_number, organisation_id, case_number, reason, selected_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (site_id, container_number) WHERE state IN ('SELECTED','NOTIFIED') DO NOTHING RETURNING 1`,
    [id, siteId, containerNumber, officer.organisationId, caseNumber, reason, officer.personId],
  );
  if (made.length === 0) {
    throw new DomainError('CONFLICT', {
      field: 'input.container',
      value: containerNumber,
      expected: 'a box that is not selected there',
    });
  }
  return id;
}

/** What each command writes besides the state, and what it tells everybody who may see events of the box. */
const EFFECTS: Readonly<
  Record<TargetCommand, { readonly stamp: 'notified' | 'ended'; readonly tells: EventKind | null }>
> = {
  NOTICE: { stamp: 'notified', tells: 'InspectionNoticed' },
  WITHDRAW: { stamp: 'ended', tells: null },
  RELEASE: { stamp: 'ended', tells: 'InspectionReleased' },
};

/** @throws DomainError NOT_FOUND out of the district, CONFLICT when its state does not know the command */
export async function commandTarget(
  tx: Tx,
  officer: Officer,
  id: string,
  command: TargetCommand,
  now: EpochMs,
): Promise<void> {
  const { stamp, tells } = EFFECTS[command];
  const { set, where } = TARGET_STATES.transition(command);
  const [changed] = await tx.query<{ site_id: string; container_number: string }>(
    `UPDATE inspection_target SET state = ${set}, ${stamp}_by = $3, ${stamp}_at = $4
     WHERE id = $1 AND site_id = ANY ($2::text[]) AND ${where} RETURNING site_id, container_number`,
    [id, officer.siteIds, officer.personId, new Date(now)],
  );
  if (changed === undefined) throw await refusal(tx, officer, id, command);
  if (tells === null) return;
  await announce(tx, await appendEvents(tx, [fact(tells, id, changed.site_id, changed.container_number, now)]));
}

async function refusal(tx: Tx, { siteIds }: Officer, id: string, command: TargetCommand): Promise<DomainError> {
  const [kept] = await tx.query<{ state: TargetState }>(
    'SELECT state FROM inspection_target WHERE id = $1 AND site_id = ANY ($2::text[])',
    [id, siteIds],
  );
  if (kept !== undefined) TARGET_STATES.decide(kept.state, command);
  return new DomainError('NOT_FOUND', { field: 'targetId' });
}

function fact(
  kind: EventKind,
  targetId: string,
  siteId: string,
  containerNumber: string,
  at: EpochMs,
): NewTrackingEvent {
  return {
    siteId,
    kind,
    asset: { kind: 'CONTAINER', code: containerNumber },
    occurredAt: at,
    receivedAt: at,
    truckPlate: null,
    gateId: null,
    laneId: null,
    zoneId: null,
    passId: null,
    visitId: null,
    source: 'HAND',
    late: false,
    withdraws: null,
    causes: [targetId],
    payload: {},
  };
}
