import type { ShipmentRow } from '#libs/shipments';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ShipmentDesk } from '../../commands/shipment-desk.js';
import { found } from '../place/place.queries.js';
import type { MutationGrantWindowArgs, MutationWithdrawWindowArgs, QueryWindowsArgs } from '../schema.generated.js';
import type { Connection } from '../shared/connection.js';
import { globalId } from '../shared/global-id.js';
import { SHIPMENT_BY_ID } from '../shared/nodes.js';
import { RequestContext } from '../shared/request-context.js';
import { ORGANISATION_BY_ID, type OrganisationRow } from '../viewer/organisation.queries.js';
import { GRANT_BY_ID, grantPage, type WindowGrantRow } from './window.queries.js';

type Payload = Promise<{ grant: WindowGrantRow }>;

@Resolver('WindowGrant')
export class WindowGrantResolver {
  constructor(private readonly desk: ShipmentDesk) {}

  @Query('windows')
  windows(@Args() args: QueryWindowsArgs, @Context() context: RequestContext): Promise<Connection<WindowGrantRow>> {
    return grantPage(context, args);
  }

  @Mutation('grantWindow')
  async grant(@Args() args: MutationGrantWindowArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.grant(context.principal, args));
  }

  @Mutation('withdrawWindow')
  async withdraw(@Args() args: MutationWithdrawWindowArgs, @Context() context: RequestContext): Payload {
    return payload(context, await this.desk.withdraw(context.principal, args));
  }

  @ResolveField('shipment')
  shipment(@Parent() { shipmentId }: WindowGrantRow, @Context() context: RequestContext): Promise<ShipmentRow | null> {
    return context.load(SHIPMENT_BY_ID, shipmentId);
  }

  @ResolveField('grantor')
  async grantor(@Parent() { grantorId }: WindowGrantRow, @Context() context: RequestContext): Promise<OrganisationRow> {
    return found(await context.load(ORGANISATION_BY_ID, grantorId), 'organisation', grantorId);
  }

  @ResolveField('grantee')
  async grantee(@Parent() { granteeId }: WindowGrantRow, @Context() context: RequestContext): Promise<OrganisationRow> {
    return found(await context.load(ORGANISATION_BY_ID, granteeId), 'organisation', granteeId);
  }

  @ResolveField('grantedBy')
  grantedBy(@Parent() { granterId }: WindowGrantRow): string {
    return globalId('Person', granterId);
  }

  @ResolveField('withdrawnBy')
  withdrawnBy(@Parent() { withdrawerId }: WindowGrantRow): string | null {
    return withdrawerId === null ? null : globalId('Person', withdrawerId);
  }
}

async function payload(context: RequestContext, id: string): Payload {
  return { grant: found(await context.load(GRANT_BY_ID, id), 'window grant', id) };
}
