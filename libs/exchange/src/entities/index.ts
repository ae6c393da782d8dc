import { WebhookDeliveryEntity } from './webhook-delivery.entity.js';
import { WebhookEndpointEntity } from './webhook-endpoint.entity.js';

/** The tables of this room, listed by hand. */
export const exchangeEntities = [WebhookEndpointEntity, WebhookDeliveryEntity] as const;
