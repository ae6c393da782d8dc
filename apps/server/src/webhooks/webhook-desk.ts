import {
  commandEndpoint,
  createEndpoint,
  drawSecret,
  outwardUrl,
  replaceSecret,
  replayFrom,
  retryDelivery,
  secretText,
  type AllowedNetworks,
  type EndpointKey,
} from '#libs/exchange';
import type { Principal } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type {
  MutationCommandWebhookArgs,
  MutationCreateWebhookArgs,
  MutationReplaceWebhookSecretArgs,
  MutationReplayWebhookArgs,
  MutationRetryWebhookDeliveryArgs,
} from '../api/schema.generated.js';
import { parseGlobalId, type NodeType } from '../api/shared/global-id.js';
import type { RequestContext } from '../api/shared/request-context.js';
import { checkFilter } from '../api/tracking-event/event-filter.js';
import { journalEnd, placeOf } from '../api/tracking-event/journal-pages.js';
import { OncePerKey } from '../commands/once-per-key.js';
import { WebhookSecrets } from './webhook-secrets.js';

/** Networks to which webhooks may go although they are not public. */
export const WEBHOOK_NETWORKS = Symbol('WEBHOOK_NETWORKS');

const MAX_DESCRIPTION = 200;

/** What people do with their organisation's webhooks. */
@Injectable()
export class WebhookDesk {
  constructor(
    private readonly once: OncePerKey,
    private readonly secrets: WebhookSecrets,
    @Inject(WEBHOOK_NETWORKS) private readonly networks: AllowedNetworks,
  ) {}

  /** @returns the secret only where this call drew it: it is kept sealed, and never in the answer of an idempotency key */
  async create(
    { principal, reader, places, account }: RequestContext,
    args: MutationCreateWebhookArgs,
  ): Promise<{ id: string; secret: string | null }> {
    const { url, description, filter, after } = args.input;
    const address = outwardUrl(url, this.networks, 'input.url').href;
    if (description.trim() === '' || description.length > MAX_DESCRIPTION) {
      throw new DomainError('INVALID_INPUT', {
        field: 'input.description',
        value: description.slice(0, MAX_DESCRIPTION),
        expected: `1 to ${MAX_DESCRIPTION} characters`,
      });
    }
    await checkFilter(places, filter, 'input.filter');
    const from = cursorOf(after ?? (await journalEnd(reader)));
    let drawn: string | null = null;
    const { id } = await this.once.run(principal, 'createWebhook', args, async (tx) => {
      const secret = drawSecret();
      const created = await createEndpoint(tx, {
        organisationId: principal.organisationId,
        madeBy: principal.personId,
        madeWith: principal.credential.kind === 'API_TOKEN' ? principal.credential.id : null,
        role: principal.role,
        caseNumber: principal.role === 'CUSTOMS_OFFICER' ? account.requireCaseNumber('Mutation.createWebhook') : null,
        url: address,
        description: description.trim(),
        filter: filter ?? null,
        secret: (endpointId) => this.secrets.seal(endpointId, secret),
        from,
      });
      drawn = secretText(secret);
      return { id: created };
    });
    return { id, secret: drawn };
  }

  async command(principal: Principal, args: MutationCommandWebhookArgs): Promise<string> {
    const key = keyOf(principal, args.id);
    await this.once.run(principal, 'commandWebhook', args, async (tx) => {
      await commandEndpoint(tx, key, args.command);
      return null;
    });
    return key.id;
  }

  async replaceSecret(
    principal: Principal,
    args: MutationReplaceWebhookSecretArgs,
  ): Promise<{ id: string; secret: string | null }> {
    const key = keyOf(principal, args.id);
    let drawn: string | null = null;
    await this.once.run(principal, 'replaceWebhookSecret', args, async (tx) => {
      const secret = drawSecret();
      await replaceSecret(tx, key, this.secrets.seal(key.id, secret));
      drawn = secretText(secret);
      return null;
    });
    return { id: key.id, secret: drawn };
  }

  async replay(principal: Principal, args: MutationReplayWebhookArgs): Promise<string> {
    const key = keyOf(principal, args.id);
    const from = cursorOf(args.after);
    await this.once.run(principal, 'replayWebhook', args, async (tx) => {
      await replayFrom(tx, key, from);
      return null;
    });
    return key.id;
  }

  async retry(principal: Principal, args: MutationRetryWebhookDeliveryArgs): Promise<string> {
    const key = keyOf(principal, args.id);
    const [siteId = '', eventId = ''] = partsOf('TrackingEvent', args.event, 'event');
    await this.once.run(principal, 'retryWebhookDelivery', args, async (tx) => {
      await retryDelivery(tx, key, { siteId, eventId });
      return null;
    });
    return key.id;
  }
}

function cursorOf(cursor: string): { xid: string; position: string } {
  const { xid, position } = placeOf(cursor);
  return { xid: String(xid), position: String(position) };
}

function keyOf({ organisationId }: Principal, id: string): EndpointKey {
  const [uuid = ''] = partsOf('WebhookEndpoint', id, 'id');
  return { id: uuid, organisationId };
}

/** @throws DomainError NOT_FOUND for whatever is no id of this kind: it names nothing */
function partsOf(type: NodeType, id: string, field: string): readonly string[] {
  const ref = parseGlobalId(id);
  if (ref?.type !== type) throw new DomainError('NOT_FOUND', { field });
  return ref.key;
}
