import type { MachineAlarm } from '#libs/identity';
import { derivedId, type Logger } from '#libs/kernel';
import { Database } from '#libs/persistence';
import { raiseAlerts, type NewAlert } from '#libs/tracking';
import { Inject, Injectable } from '@nestjs/common';
import { LOGGER } from '../operations/logger.token.js';

const SEVERITY: Readonly<Record<MachineAlarm['kind'], NewAlert['severity']>> = {
  DEVICE_SIGNATURE: 'WARNING',
  DEVICE_REPLAY: 'WARNING',
  DEVICE_CLOCK: 'WARNING',
  DEVICE_CLONED: 'CRITICAL',
};
/** Alarms of a day that this process knows to be stored; an older one is stored again in vain. */
const MOST_KNOWN = 10_000;

/**
 * Alerts of machines that are not what they say. A kind is raised once for a machine, its key and a day: whoever sends a million
 * wrong requests makes one row, and one transaction.
 */
@Injectable()
export class MachineAlarms {
  private readonly known = new Set<string>();

  constructor(
    private readonly database: Database,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Never rejects: the machine's own answer does not hang on it. */
  async raise({ kind, gatewayId, siteId, keyId, details }: MachineAlarm): Promise<void> {
    const at = Date.now();
    const id = derivedId('alert', kind, siteId, gatewayId, keyId ?? '', new Date(at).toISOString().slice(0, 10));
    if (this.known.has(id)) return;
    const alert: NewAlert = {
      id,
      kind,
      severity: SEVERITY[kind],
      raisedAt: at,
      laneId: null,
      deviceId: gatewayId,
      passId: null,
      unresolvedId: null,
      details,
    };
    try {
      this.remember(id);
      await this.database.write((tx) => raiseAlerts(tx, siteId, [alert]));
      this.logger.warn({ kind, gatewayId, siteId, details }, 'a machine is not what it says');
    } catch (error) {
      this.known.delete(id);
      this.logger.error({ err: error, kind, gatewayId }, 'an alarm could not be stored');
    }
  }

  private remember(id: string): void {
    this.known.add(id);
    for (const oldest of this.known) {
      if (this.known.size <= MOST_KNOWN) break;
      this.known.delete(oldest);
    }
  }
}
