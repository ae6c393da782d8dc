import { offerArchive, removeArchived } from '#libs/audit';
import type { Principal } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Injectable } from '@nestjs/common';
import type { MutationOfferAuditArchiveArgs, MutationRemoveArchivedAuditArgs } from '../api/schema.generated.js';
import { OncePerKey } from './once-per-key.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;

/** What the audit administrator asks of the audit: to archive it, and nothing else. */
@Injectable()
export class AuditDesk {
  constructor(private readonly once: OncePerKey) {}

  /** @returns the id of the archive */
  async offer(principal: Principal, args: MutationOfferAuditArchiveArgs): Promise<string> {
    const { archiveId } = await this.once.run(principal, 'offerAuditArchive', args, async (tx) => ({
      archiveId: await offerArchive(tx, { until: args.until, by: principal.personId }),
    }));
    return archiveId;
  }

  /** @returns the id of the archive */
  async remove(principal: Principal, args: MutationRemoveArchivedAuditArgs): Promise<string> {
    const { archiveId, sha256 } = args;
    if (!UUID.test(archiveId)) throw new DomainError('NOT_FOUND', { field: 'archiveId' });
    if (!SHA256_HEX.test(sha256)) {
      throw new DomainError('INVALID_INPUT', {
        field: 'sha256',
        value: sha256.slice(0, 100),
        expected: '64 hex digits',
      });
    }
    await this.once.run(principal, 'removeArchivedAudit', args, async (tx) => {
      await removeArchived(tx, { id: archiveId, sha256: Buffer.from(sha256, 'hex'), by: principal.personId });
      return { archiveId };
    });
    return archiveId;
  }
}
