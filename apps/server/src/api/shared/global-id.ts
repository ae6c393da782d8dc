/** What an id may be of; the first part of every global id. */
export const NODE_TYPES = [
  'Alert',
  'Container',
  'Device',
  'Gate',
  'GatePass',
  'Gateway',
  'Lane',
  'Organisation',
  'Shipment',
  'Site',
  'TrackingEvent',
  'TruckVisit',
  'UnresolvedObservation',
  'WindowGrant',
  'WebhookEndpoint',
  'Zone',
] as const;

export type NodeType = (typeof NODE_TYPES)[number];

/** A decoded global id. */
export interface NodeRef {
  readonly type: NodeType;
  readonly key: readonly string[];
}

const MAX_LENGTH = 400;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** How each type is named: TEXT, UUID, … in the order of its key. */
const KEYS: Readonly<Record<NodeType, readonly ('TEXT' | 'UUID')[]>> = {
  Alert: ['TEXT', 'UUID'],
  Container: ['TEXT'],
  Device: ['TEXT'],
  Gate: ['TEXT'],
  GatePass: ['TEXT', 'UUID'],
  Gateway: ['TEXT'],
  Lane: ['TEXT'],
  Organisation: ['UUID'],
  Shipment: ['UUID'],
  Site: ['TEXT'],
  TrackingEvent: ['TEXT', 'UUID'],
  TruckVisit: ['TEXT', 'UUID'],
  UnresolvedObservation: ['TEXT', 'UUID'],
  WindowGrant: ['UUID'],
  WebhookEndpoint: ['UUID'],
  Zone: ['TEXT'],
};

/** base64url of `Type:key:key`, each key percent-encoded, so that none holds a colon. */
export function globalId(type: NodeType | 'Person', ...key: readonly string[]): string {
  return Buffer.from([type, ...key.map(encodeURIComponent)].join(':')).toString('base64url');
}

/** @returns null for whatever did not come from `globalId` */
export function parseGlobalId(id: string): NodeRef | null {
  if (id.length > MAX_LENGTH || !/^[A-Za-z0-9_-]+$/.test(id)) return null;
  const [type, ...encoded] = Buffer.from(id, 'base64url').toString('utf8').split(':');
  if (!isNodeType(type)) return null;
  const shape = KEYS[type];
  const key = encoded.map(decodePart);
  if (key.length !== shape.length || !key.every(isText)) return null;
  if (!shape.every((kind, at) => kind === 'TEXT' || UUID.test(key[at] ?? ''))) return null;
  // Only one spelling of an id is an id.
  return globalId(type, ...key) === id ? { type, key } : null;
}

function isNodeType(type: string | undefined): type is NodeType {
  return (NODE_TYPES as readonly (string | undefined)[]).includes(type);
}

// PostgreSQL's text holds no U+0000.
function isText(part: string | null): part is string {
  return part !== null && part !== '' && !part.includes('\u0000');
}

function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
