import type { ResolvedPass } from '#libs/gate';
import { eventId } from '#libs/journal';
import { DomainError, newId, systemClock, type Clock, type EpochMs } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { bind } from './binding-book.js';
import type { Ingest } from './ingest.js';
import { refuseMixing } from './sandbox-numbers.js';

/** Who acts, and for which terminals. */
export interface Actor {
  readonly personId: string;
  readonly organisationId: string;
  readonly siteIds: readonly string[];
}

export interface ReportPassInput {
  readonly lane: string;
  readonly direction: 'IN' | 'OUT';
  readonly truckPlate: string;
  readonly chassisPlate: string | null;
  readonly containers: readonly { readonly number: string; readonly fullness: 'LADEN' | 'EMPTY' | null }[];
  readonly occurredAt: EpochMs;
  readonly verdict: 'ACCEPTED' | 'REFUSED';
  readonly reason: string;
}

export interface ResolveObservationInput {
  readonly siteId: string;
  readonly id: string;
  /** null: the reading was no box. */
  readonly container: string | null;
  readonly bindTag: boolean;
}

interface UnresolvedRow {
  readonly id: string;
  readonly reason: string;
  readonly seen: string;
  readonly state: string;
  readonly occurred_at: Date;
  readonly pass_id: string | null;
  readonly lane_id: string | null;
  readonly device_id: string;
  readonly boot: string;
  readonly sequence: string;
  readonly chosen_container: string | null;
}

const MOST_AHEAD_MS = 2 * 60_000;
const MOST_BACK_MS = 7 * 24 * 3_600_000;
const MOST_BOXES = 4;

/** What people at a gate may do. Each method works in the caller's transaction. */
export class GateCommands {
  constructor(
    private readonly ingest: Ingest,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * A pass that the readers missed. It goes the way of every other pass, with source HAND.
   * @throws DomainError NOT_FOUND for a lane of another terminal, INVALID_INPUT for a time out of bounds or a box named twice
   */
  async reportPass(tx: Tx, actor: Actor, input: ReportPassInput): Promise<{ passId: string; siteId: string }> {
    const [lane] = await tx.query<{ site_id: string; gate_id: string; zone_id: string | null; direction: string }>(
      'SELECT site_id, gate_id, zone_id, direction FROM lane WHERE id = $1',
      [input.lane],
    );
    if (lane === undefined || !actor.siteIds.includes(lane.site_id)) {
      throw new DomainError('NOT_FOUND', { field: 'input.lane', value: input.lane });
    }
    if (lane.direction !== 'REVERSIBLE' && lane.direction !== input.direction) {
      throw new DomainError('INVALID_INPUT', {
        field: 'input.direction',
        value: input.direction,
        expected: lane.direction,
      });
    }
    const now = this.clock.now();
    if (input.occurredAt > now + MOST_AHEAD_MS || input.occurredAt < now - MOST_BACK_MS) {
      throw new DomainError('INVALID_INPUT', {
        field: 'input.occurredAt',
        value: new Date(input.occurredAt).toISOString(),
        expected: `between ${new Date(now - MOST_BACK_MS).toISOString()} and ${new Date(now + MOST_AHEAD_MS).toISOString()}`,
      });
    }
    const numbers = input.containers.map((container) => container.number);
    if (numbers.length > MOST_BOXES || new Set(numbers).size !== numbers.length) {
      throw new DomainError('INVALID_INPUT', {
        field: 'input.containers',
        value: numbers,
        expected: `at most ${MOST_BOXES} containers, each named once`,
      });
    }
    refuseMixing(lane.site_id, [
      { field: 'input.truck', value: input.truckPlate },
      ...numbers.map((value) => ({ field: 'input.containers', value })),
    ]);
    const pass: ResolvedPass = {
      id: newId(),
      siteId: lane.site_id,
      gateId: lane.gate_id,
      laneId: input.lane,
      zoneId: lane.zone_id,
      occurredAt: input.occurredAt,
      closedAt: input.occurredAt,
      receivedAt: now,
      direction: input.direction,
      directionSource: 'MANUAL',
      outcome: input.verdict === 'ACCEPTED' ? 'CROSSED' : 'REFUSED',
      exit: input.verdict === 'ACCEPTED' ? 'SEEN' : 'NOT_REACHED',
      closedBy: 'MANUAL',
      source: 'HAND',
      truckPlate: input.truckPlate,
      chassisPlate: input.chassisPlate,
      driverId: null,
      boxes: input.containers.map(({ number, fullness }) => ({
        containerNumber: number,
        fullness,
        position: null,
        evidence: ['HAND'],
      })),
      sealNumbers: [],
      decision: { verdict: input.verdict, by: 'OPERATOR', reason: input.reason, at: input.occurredAt },
      exceptions: [],
      evidence: { hand: { ...input, containers: numbers } },
      reportedBy: actor.personId,
      reason: input.reason,
    };
    await this.ingest.acceptInTransaction(tx, pass.siteId, (batch) => {
      batch.resolved = [pass];
    });
    return { passId: pass.id, siteId: pass.siteId };
  }

  /**
   * A person says which box a reading was. The reading and the answer are both kept; when the pass went through or was refused,
   * the box's gate event or refusal follows at the pass's time, marked late.
   * @throws DomainError NOT_FOUND, or CONFLICT when another answer was given before
   */
  async resolveObservation(
    tx: Tx,
    actor: Actor,
    input: ResolveObservationInput,
  ): Promise<{ observationId: string; siteId: string; eventIds: string[] }> {
    const [reading] = await tx.query<UnresolvedRow>(
      `SELECT id, reason, seen, state, occurred_at, pass_id, lane_id, device_id, boot, sequence::text, chosen_container
       FROM unresolved_observation WHERE site_id = $1 AND id = $2 FOR UPDATE`,
      [input.siteId, input.id],
    );
    if (reading === undefined || !actor.siteIds.includes(input.siteId)) {
      throw new DomainError('NOT_FOUND', { field: 'input.id' });
    }
    if (reading.state !== 'OPEN') {
      throw new DomainError('CONFLICT', { field: 'input.id', value: reading.state, chosen: reading.chosen_container });
    }
    if (input.container !== null) {
      refuseMixing(input.siteId, [{ field: 'input.container', value: input.container }]);
    }
    await tx.query(
      `UPDATE unresolved_observation SET state = $3, chosen_container = $4, resolved_by = $5, resolved_at = now()
       WHERE site_id = $1 AND id = $2`,
      [input.siteId, input.id, input.container === null ? 'DISMISSED' : 'RESOLVED', input.container, actor.personId],
    );
    await tx.query(
      `UPDATE alert SET state = 'CLOSED', acknowledged_by = $3, acknowledged_at = now()
       WHERE site_id = $1 AND unresolved_id = $2 AND state <> 'CLOSED'`,
      [input.siteId, input.id, actor.personId],
    );
    if (input.container === null) return { observationId: input.id, siteId: input.siteId, eventIds: [] };

    const { container } = input;
    const batch = await this.ingest.acceptInTransaction(tx, input.siteId, (draft) => {
      draft.answers.push({
        readingId: reading.id,
        seen: reading.seen,
        ref: { deviceId: reading.device_id, boot: reading.boot, sequence: Number(reading.sequence) },
        at: reading.occurred_at.getTime(),
        laneId: reading.lane_id,
        passId: reading.pass_id,
        containerNumber: container,
        personId: actor.personId,
      });
    });
    if (input.bindTag && reading.reason === 'TAG_WITHOUT_BINDING') {
      await bind(tx, [
        {
          kind: 'TAG',
          subject: reading.seen,
          asset: { kind: 'CONTAINER', code: container },
          validFrom: reading.occurred_at.getTime(),
          validTo: null,
          source: 'HAND',
          passId: reading.pass_id,
        },
      ]);
    }
    return { observationId: input.id, siteId: input.siteId, eventIds: batch.events.map(eventId) };
  }

  /** @throws DomainError NOT_FOUND; acknowledging it again changes nothing */
  async acknowledgeAlert(tx: Tx, actor: Actor, input: { siteId: string; id: string }): Promise<void> {
    const rows = actor.siteIds.includes(input.siteId)
      ? await tx.query('SELECT 1 FROM alert WHERE site_id = $1 AND id = $2 FOR UPDATE', [input.siteId, input.id])
      : [];
    if (rows.length === 0) throw new DomainError('NOT_FOUND', { field: 'id' });
    await tx.query(
      `UPDATE alert SET state = 'ACKNOWLEDGED', acknowledged_by = $3, acknowledged_at = now()
       WHERE site_id = $1 AND id = $2 AND state = 'OPEN'`,
      [input.siteId, input.id, actor.personId],
    );
  }
}
