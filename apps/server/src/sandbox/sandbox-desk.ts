import { DomainError, newId } from '#libs/kernel';
import type { Tx } from '#libs/persistence';
import { Ingest } from '#libs/tracking';
import { Injectable } from '@nestjs/common';
import type { MutationRunSandboxScriptArgs, SandboxScript } from '../api/schema.generated.js';
import type { RequestContext } from '../api/shared/request-context.js';
import { journalEnd } from '../api/tracking-event/journal-pages.js';
import { OncePerKey } from '../commands/once-per-key.js';
import { parseBatch } from '../ingest/uplink.schema.js';
import { MOST_RUNS, stageOf, type SandboxStage } from './sandbox-plan.js';
import { CHASSIS_KG, SANDBOX_SCRIPTS, scriptedBatches, TRACTOR_KG } from './sandbox-scripts.js';

/** What a run played, kept under its idempotency key. */
export interface SandboxRun {
  readonly script: SandboxScript;
  readonly siteId: string;
  readonly containerNumber: string;
  readonly truckPlate: string;
  readonly sealNumber: string;
  readonly shipmentReference: string;
  readonly journalCursor: string;
}

interface SandboxRow {
  readonly ordinal: number;
  readonly run: number;
  readonly company_id: string;
  readonly shipment_id: string;
  readonly reference: string;
}

/** A box of a run belongs to the company from a day before its story on. */
const WINDOW_MS = 24 * 3_600_000;

/** Plays scripted passes at the askers' sandbox, by the way that every gateway's batch goes. */
@Injectable()
export class SandboxDesk {
  constructor(
    private readonly once: OncePerKey,
    private readonly ingest: Ingest,
  ) {}

  /** @throws DomainError FORBIDDEN for whoever is in no sandbox, LIMIT_EXCEEDED when its box numbers are used up */
  async run({ principal, reader, places }: RequestContext, args: MutationRunSandboxScriptArgs): Promise<SandboxRun> {
    const { sandbox } = await places.get();
    if (sandbox === null) {
      throw new DomainError('FORBIDDEN', {
        operation: 'Mutation.runSandboxScript',
        expected: 'a token of a sandbox’s organisation; a new sandbox is known within 10 seconds',
      });
    }
    const journalCursor = await journalEnd(reader);
    return this.once.run(principal, 'runSandboxScript', args, async (tx) => {
      const { run, stage } = await this.set(tx, sandbox, args.script);
      for (const items of scriptedBatches(args.script, stage)) {
        const batch = { gatewayId: `${sandbox}/GW`, siteId: sandbox, streamId: newId(), sentAt: stage.now, items };
        await this.ingest.acceptItems(tx, sandbox, parseBatch(batch, stage.now).items);
      }
      return {
        script: args.script,
        siteId: sandbox,
        containerNumber: stage.box,
        truckPlate: stage.truck,
        sealNumber: stage.seal,
        shipmentReference: run.reference,
        journalCursor,
      };
    });
  }

  /** A box and a truck of this run alone, the box under the company's shipment, the truck with a receiver. */
  private async set(tx: Tx, siteId: string, script: SandboxScript): Promise<{ run: SandboxRow; stage: SandboxStage }> {
    const { trade } = SANDBOX_SCRIPTS[script];
    const [run] = await tx.query<SandboxRow>(
      `UPDATE sandbox x SET runs = x.runs + 1 FROM shipment s
       WHERE x.site_id = $1 AND x.runs < $2 AND s.id = CASE $3 WHEN 'EXPORT' THEN x.export_shipment_id ELSE x.import_shipment_id END
       RETURNING x.ordinal::int, (x.runs - 1)::int AS run, x.company_id::text, s.id::text AS shipment_id, s.reference`,
      [siteId, MOST_RUNS, trade],
    );
    if (run === undefined) {
      throw new DomainError('LIMIT_EXCEEDED', { limit: 'runs of one sandbox', expected: `at most ${MOST_RUNS}` });
    }
    const stage = stageOf(siteId, run.ordinal, run.run, newId(), Date.now());
    const since = new Date(stage.now - WINDOW_MS);
    await tx.query(`INSERT INTO asset (kind, code, attributes) VALUES ('CONTAINER', $1, $2), ('TRUCK', $3, $4)`, [
      stage.box,
      JSON.stringify({ sizeType: '45G1' }),
      stage.truck,
      JSON.stringify({ tractorKg: TRACTOR_KG, chassisKg: CHASSIS_KG }),
    ]);
    await tx.query(
      `INSERT INTO binding (id, kind, subject, asset_kind, asset_code, valid_from, source) VALUES ($1, 'DEVICE', $2, 'TRUCK', $3, $4, 'SEED')`,
      [newId(), stage.receiver, stage.truck, since],
    );
    await tx.query(
      `INSERT INTO shipment_container (shipment_id, container_number, fullness) VALUES ($1, $2, 'LADEN')`,
      [run.shipment_id, stage.box],
    );
    await tx.query(
      'INSERT INTO company_window (organisation_id, container_number, shipment_id, valid_from) VALUES ($1, $2, $3, $4)',
      [run.company_id, stage.box, run.shipment_id, since],
    );
    return { run, stage };
  }
}
