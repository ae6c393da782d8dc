import type { Principal } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { GateCommands, type Actor } from '#libs/tracking';
import { Injectable } from '@nestjs/common';
import type {
  MutationAcknowledgeAlertArgs,
  MutationReportPassArgs,
  MutationResolveObservationArgs,
} from '../api/schema.generated.js';
import { parseGlobalId, type NodeType } from '../api/shared/global-id.js';
import { OncePerKey } from './once-per-key.js';

/** As long as a reader's reason may be. */
const MAX_REASON = 1_000;
/** A trailer's plate has 7 characters; a foreign one may have a few more. */
const MAX_PLATE = 20;

/** Brings what people ask to the commands: each once for its key, in one transaction with the key. */
@Injectable()
export class CommandDesk {
  constructor(
    private readonly once: OncePerKey,
    private readonly gate: GateCommands,
  ) {}

  reportPass(principal: Principal, args: MutationReportPassArgs): Promise<{ passId: string; siteId: string }> {
    const { input } = args;
    if (input.direction === 'UNKNOWN') {
      throw new DomainError('INVALID_INPUT', { field: 'input.direction', value: 'UNKNOWN', expected: 'IN or OUT' });
    }
    const { lane, direction, truck, chassis, containers, occurredAt, verdict, reason } = input;
    checkLength('input.reason', reason, MAX_REASON);
    if (chassis !== null && chassis !== undefined) checkLength('input.chassis', chassis, MAX_PLATE);
    return this.once.run(principal, 'reportPass', args, (tx) =>
      this.gate.reportPass(tx, actorOf(principal), {
        lane,
        direction,
        truckPlate: truck,
        chassisPlate: chassis ?? null,
        containers: containers.map(({ number, fullness }) => ({ number, fullness: fullness ?? null })),
        occurredAt: occurredAt.getTime(),
        verdict,
        reason,
      }),
    );
  }

  resolveObservation(
    principal: Principal,
    args: MutationResolveObservationArgs,
  ): Promise<{ observationId: string; siteId: string; eventIds: string[] }> {
    const { input } = args;
    const [siteId, id] = keyOf('UnresolvedObservation', input.id, 'input.id');
    return this.once.run(principal, 'resolveObservation', args, (tx) =>
      this.gate.resolveObservation(tx, actorOf(principal), {
        siteId,
        id,
        container: input.container ?? null,
        bindTag: input.bindTag ?? false,
      }),
    );
  }

  async acknowledgeAlert(
    principal: Principal,
    args: MutationAcknowledgeAlertArgs,
  ): Promise<{ siteId: string; alertId: string }> {
    const [siteId, id] = keyOf('Alert', args.id, 'id');
    return this.once.run(principal, 'acknowledgeAlert', args, async (tx) => {
      await this.gate.acknowledgeAlert(tx, actorOf(principal), { siteId, id });
      return { siteId, alertId: id };
    });
  }
}

/** @throws DomainError INVALID_INPUT for a text that is blank or too long */
export function checkLength(field: string, text: string, most: number): void {
  if (text.trim() === '' || text.length > most) {
    throw new DomainError('INVALID_INPUT', { field, value: text.slice(0, most), expected: `1 to ${most} characters` });
  }
}

function actorOf({ personId, organisationId, siteIds }: Principal): Actor {
  return { personId, organisationId, siteIds };
}

/** @throws DomainError NOT_FOUND for whatever is no id of this kind: it names nothing */
function keyOf(type: NodeType, id: string, field: string): readonly [siteId: string, id: string] {
  const ref = parseGlobalId(id);
  const [siteId, key] = ref?.type === type ? ref.key : [];
  if (siteId === undefined || key === undefined) throw new DomainError('NOT_FOUND', { field });
  return [siteId, key];
}
