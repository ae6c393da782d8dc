import { ARCHIVE_STATES, type ArchiveState } from '#libs/audit';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AuditDesk } from '../../commands/audit-desk.js';
import { found } from '../place/place.queries.js';
import type {
  MutationOfferAuditArchiveArgs,
  MutationRemoveArchivedAuditArgs,
  QueryAuditArchivesArgs,
  QueryAuditCheckArgs,
  QueryAuditRecordsArgs,
} from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { RequestContext } from '../shared/request-context.js';
import {
  AUDIT_ARCHIVE_BY_ID,
  auditArchivePage,
  auditCheck,
  auditRecordPage,
  type AuditArchiveRow,
  type AuditCheckRow,
  type AuditRecordRow,
} from './audit.queries.js';

@Resolver('AuditRecord')
export class AuditRecordResolver {
  @Query('auditRecords')
  auditRecords(
    @Args() args: QueryAuditRecordsArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<AuditRecordRow>> {
    return auditRecordPage(context, args);
  }

  @Query('auditCheck')
  auditCheck(@Args() { from }: QueryAuditCheckArgs, @Context() context: RequestContext): Promise<AuditCheckRow> {
    return auditCheck(context, from);
  }

  @ResolveField('actor')
  actor(@Parent() { actorKind: kind, actorId, organisationId, role }: AuditRecordRow) {
    return { kind, actorId, organisationId, role };
  }
}

@Resolver('AuditArchive')
export class AuditArchiveResolver {
  constructor(private readonly desk: AuditDesk) {}

  @Query('auditArchives')
  auditArchives(
    @Args() args: QueryAuditArchivesArgs,
    @Context() context: RequestContext,
  ): Promise<Connection<AuditArchiveRow>> {
    return auditArchivePage(context, args);
  }

  @Mutation('offerAuditArchive')
  async offerAuditArchive(
    @Args() args: MutationOfferAuditArchiveArgs,
    @Context() context: RequestContext,
  ): Promise<{ archive: AuditArchiveRow }> {
    return payload(context, await this.desk.offer(context.principal, args));
  }

  @Mutation('removeArchivedAudit')
  async removeArchivedAudit(
    @Args() args: MutationRemoveArchivedAuditArgs,
    @Context() context: RequestContext,
  ): Promise<{ archive: AuditArchiveRow }> {
    return payload(context, await this.desk.remove(context.principal, args));
  }

  @ResolveField('nextStates')
  nextStates(@Parent() { state }: AuditArchiveRow): readonly ArchiveState[] {
    return ARCHIVE_STATES.after(state);
  }
}

async function payload(context: RequestContext, archiveId: string): Promise<{ archive: AuditArchiveRow }> {
  return { archive: found(await context.load(AUDIT_ARCHIVE_BY_ID, archiveId), 'audit archive', archiveId) };
}
