export { exchangeEntities } from './entities/index.js';
export { DELIVERY_FAULTS, faultOf, faultText } from './webhooks/delivery-fault.js';
export {
  allowedNetworks,
  InwardAddress,
  isOutward,
  outwardLookup,
  outwardUrl,
  type AllowedNetworks,
} from './webhooks/outward-address.js';
export { postOutward, type OutwardAnswer, type OutwardPost } from './webhooks/post-outward.js';
export { drawSecret, secretText, signedHeaders, type SignedHeaders } from './webhooks/standard-webhooks.js';
export {
  DELIVERY_PAUSES_MS,
  DELIVERY_STATES,
  ENDPOINT_STATES,
  type DeliveryState,
  type EndpointState,
} from './webhooks/webhook.states.js';
export * from './webhooks/webhook.store.js';
