// Written by bin/generate.mjs from the .graphql files; do not edit.
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string };
  String: { input: string; output: string };
  Boolean: { input: boolean; output: boolean };
  Int: { input: number; output: number };
  Float: { input: number; output: number };
  /** An ISO 6346 container number, check digit included: `CSQU3054383`. Input is taken in the spellings of papers and boxes (`CSQU 305438-3`). */
  ContainerNumber: { input: string; output: string };
  /** A licence plate of the mainland: `浙B12345`. */
  LicencePlate: { input: string; output: string };
  /** An instant, RFC 3339. Answers are UTC with milliseconds: `2026-11-22T01:02:03.000Z`. */
  DateTime: { input: Date; output: Date | string | number };
  /** Degrees, WGS-84, -180 to 180. */
  Longitude: { input: number; output: number };
  /** Degrees, WGS-84, -90 to 90. */
  Latitude: { input: number; output: number };
  /** A JSON value. */
  Json: { input: unknown; output: unknown };
  /** A key that the caller draws for one intent, 8 to 128 characters of `A-Z a-z 0-9 _ -`. The same key with the same input gives the same answer again; with another input it is refused with IDEMPOTENCY_MISMATCH. */
  IdempotencyKey: { input: string; output: string };
};

export type AlertState = 'OPEN' | 'ACKNOWLEDGED' | 'CLOSED';

export type AlertSeverity = 'INFO' | 'WARNING' | 'CRITICAL';

export type Alert = Node & {
  readonly id: Scalars['ID']['output'];
  /**
   * UNRESOLVED_OBSERVATION, PASS_EXCEPTION (a box that left unaccepted: CRITICAL), DEVICE_CLOCK, DEVICE_SIGNATURE (a request of a
   * gateway's name that its key has not signed), DEVICE_REPLAY (one that was here before), DEVICE_CLONED (one gateway or reader in
   * two places: CRITICAL). Of gateways once a kind, key and day. 设备时钟、签名、重放、克隆告警
   */
  readonly kind: Scalars['String']['output'];
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  readonly raisedAt: Scalars['DateTime']['output'];
  readonly site: Site;
  readonly lane: Maybe<Lane>;
  /** The device's, or the gateway's. */
  readonly deviceCode: Maybe<Scalars['String']['output']>;
  readonly pass: Maybe<GatePass>;
  readonly unresolved: Maybe<UnresolvedObservation>;
  readonly details: Scalars['Json']['output'];
};

export type AlertConnection = {
  readonly edges: ReadonlyArray<AlertEdge>;
  readonly nodes: ReadonlyArray<Alert>;
  readonly pageInfo: PageInfo;
};

export type AlertEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Alert;
};

export type AcknowledgeAlertPayload = {
  readonly alert: Alert;
};

export type Query = {
  /** Newest first. Gate operators and customs only. */
  readonly alerts: AlertConnection;
  /** A box by its number. One that is not yours is not found (NOT_FOUND), in the same way as one that does not exist. */
  readonly container: Container;
  /** Gate operators and customs only. */
  readonly devices: ReadonlyArray<Device>;
  /** Gate operators and customs only. */
  readonly gateways: ReadonlyArray<Gateway>;
  /** Refused frames and readings, newest first. Gate operators only. */
  readonly refusedInputs: RefusedInputConnection;
  /** Passes, newest first, by (occurredAt, id). A page holds at most 200. Gate operators and customs only. */
  readonly passes: GatePassConnection;
  /** Keys of gateways, newest first. System administrators only. */
  readonly gatewayKeys: GatewayKeyConnection;
  /** The terminals. For all who are signed in. */
  readonly sites: ReadonlyArray<Site>;
  /** The zones of a terminal. */
  readonly zones: ReadonlyArray<Zone>;
  /** The lanes of your terminal, or of one site. Gate operators and customs only. */
  readonly lanes: ReadonlyArray<Lane>;
  /** Anything with an id, if you may see it; otherwise null, as if it did not exist. */
  readonly node: Maybe<Node>;
  /** By its reference, booking or bill number. Another company's is not found (NOT_FOUND), as if it did not exist. */
  readonly shipment: Shipment;
  /** Your shipments, newest first. Logistics companies and customs. */
  readonly shipments: ShipmentConnection;
  /** Port events, newest first, by (occurredAt, id). A page holds at most 200. Each sees what is theirs: customs and gate operators their sites, a company its windows. */
  readonly events: TrackingEventConnection;
  /** Where the journal ends now: a subscription with this `after` gets all that comes behind. */
  readonly journalEnd: Scalars['String']['output'];
  /** Truck visits, newest first, by (openedAt, id). Gate operators and customs only. */
  readonly truckVisits: TruckVisitConnection;
  /** Newest first. Gate operators of the site only. */
  readonly unresolvedObservations: UnresolvedObservationConnection;
  readonly viewer: Viewer;
  /** Your organisation's, oldest first; at most 20. Those who may read events. */
  readonly webhookEndpoints: ReadonlyArray<WebhookEndpoint>;
};

export type QueryAlertsArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<AlertState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryContainerArgs = {
  number: Scalars['ContainerNumber']['input'];
};

export type QueryDevicesArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
};

export type QueryGatewaysArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
};

export type QueryRefusedInputsArgs = {
  device?: InputMaybe<Scalars['String']['input']>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryPassesArgs = {
  filter?: InputMaybe<GatePassFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryGatewayKeysArgs = {
  gateway?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<GatewayKeyState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryZonesArgs = {
  site: Scalars['String']['input'];
  kind?: InputMaybe<ZoneKind>;
};

export type QueryLanesArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
};

export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};

export type QueryShipmentArgs = {
  reference: Scalars['String']['input'];
};

export type QueryShipmentsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryEventsArgs = {
  filter?: InputMaybe<TrackingEventFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryTruckVisitsArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
  truck?: InputMaybe<Scalars['LicencePlate']['input']>;
  state?: InputMaybe<TruckVisitState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryUnresolvedObservationsArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<UnresolvedState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type Mutation = {
  /** Gate operators of the site only. */
  readonly acknowledgeAlert: AcknowledgeAlertPayload;
  /** Reports a pass that the readers missed or misread. Gate operators of the lane's terminal only. The pass must not lie in the future (LIMIT 2 minutes) nor more than 7 days back. */
  readonly reportPass: ReportPassPayload;
  /** Draws a one-time code with which a gateway comes to its key; a code that was drawn for it before is withdrawn. Its former key signs until the new one is used. System administrators only. 注册网关 */
  readonly enrolGateway: EnrolGatewayPayload;
  /** Tells a gateway at its next request to change its key; both are valid until the new one is used. NOT_FOUND without a key in use. System administrators only. 更换密钥 */
  readonly changeGatewayKey: ChangeGatewayKeyPayload;
  /** Ends keys for good, within seconds. What the gateway has not delivered stays in its spool until it is enrolled anew. NOT_FOUND when none signs. System administrators only. 吊销密钥 */
  readonly revokeGatewayKeys: RevokeGatewayKeysPayload;
  /** Does nothing and proves that the token works. */
  readonly ping: Scalars['Boolean']['output'];
  /** Says which box it was. The first answer stands; a second, different one is refused with CONFLICT. */
  readonly resolveObservation: ResolveObservationPayload;
  readonly createWebhook: CreateWebhookPayload;
  /** CONFLICT when its state does not know the command. */
  readonly commandWebhook: WebhookPayload;
  readonly replaceWebhookSecret: ReplaceWebhookSecretPayload;
  /** Delivers everything behind a journalCursor, once more where it was delivered before. */
  readonly replayWebhook: WebhookPayload;
  /** Tries one event once more, a dead letter too. */
  readonly retryWebhookDelivery: WebhookPayload;
};

export type MutationAcknowledgeAlertArgs = {
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationReportPassArgs = {
  input: ReportPassInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationEnrolGatewayArgs = {
  input: EnrolGatewayInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationChangeGatewayKeyArgs = {
  gateway: Scalars['String']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRevokeGatewayKeysArgs = {
  input: RevokeGatewayKeysInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationResolveObservationArgs = {
  input: ResolveObservationInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationCreateWebhookArgs = {
  input: CreateWebhookInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationCommandWebhookArgs = {
  id: Scalars['ID']['input'];
  command: WebhookCommand;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationReplaceWebhookSecretArgs = {
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationReplayWebhookArgs = {
  id: Scalars['ID']['input'];
  after: Scalars['String']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRetryWebhookDeliveryArgs = {
  id: Scalars['ID']['input'];
  event: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type Subscription = {
  /** Gate operators only. */
  readonly alertRaised: Alert;
  /** Each pass once it closed and is stored. Gate operators and customs only. */
  readonly passRecorded: GatePass;
  /** Ticks once, at the start: a connection test. */
  readonly hello: Scalars['Boolean']['output'];
  /** Each new event that you may see, once it is stored. With `after`, the `journalCursor` of the last event that you had, first what came since, in the journal's order, and then the new ones: none is missing and none comes twice. */
  readonly eventRecorded: TrackingEvent;
};

export type SubscriptionAlertRaisedArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
};

export type SubscriptionPassRecordedArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
  lanes?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type SubscriptionEventRecordedArgs = {
  filter?: InputMaybe<TrackingEventFilter>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** Where a box is, as far as it is known. */
export type ContainerPlace = {
  /** The innermost zone that it stands in. */
  readonly zone: Maybe<Zone>;
  readonly site: Maybe<Site>;
  readonly longitude: Maybe<Scalars['Longitude']['output']>;
  readonly latitude: Maybe<Scalars['Latitude']['output']>;
  /** When it was last known there. */
  readonly at: Scalars['DateTime']['output'];
};

export type ContainerStatus =
  /** Nothing has been seen of it in the time that you may see. */
  | 'NOT_SEEN'
  /** In a terminal. */
  | 'IN_TERMINAL'
  /** Left the terminal by truck. */
  | 'OUT_OF_TERMINAL'
  /** Turned away at a gate, and not seen since. */
  | 'REFUSED_AT_GATE';

/** A container, as far as the asker may see it. */
export type Container = Node & {
  readonly id: Scalars['ID']['output'];
  readonly number: Scalars['ContainerNumber']['output'];
  /** ISO 6346 size and type, such as `45G1`. Gate operators and customs, and companies whose shipment says so. */
  readonly sizeType: Maybe<Scalars['String']['output']>;
  readonly status: ContainerStatus;
  readonly place: Maybe<ContainerPlace>;
  /** Newest first. */
  readonly events: TrackingEventConnection;
  /** Your shipments that it travels or travelled under. Customs see all. */
  readonly shipments: ReadonlyArray<Shipment>;
  /** All that is known of the box, oldest first: passes, tag bindings, readings, events, corrections. Customs and gate operators only. */
  readonly chain: ChainConnection;
};

/** A container, as far as the asker may see it. */
export type ContainerEventsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<TrackingEventFilter>;
};

/** A container, as far as the asker may see it. */
export type ContainerChainArgs = {
  period?: InputMaybe<Period>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** One link of a box's whole chain. */
export type ChainLink = {
  readonly at: Scalars['DateTime']['output'];
  /** EVENT, PASS, BINDING, OBSERVATION, RESOLUTION */
  readonly kind: Scalars['String']['output'];
  /** One sentence for a person. */
  readonly summary: Scalars['String']['output'];
  readonly summaryZh: Scalars['String']['output'];
  readonly node: Maybe<Node>;
  readonly details: Scalars['Json']['output'];
};

export type ChainConnection = {
  readonly edges: ReadonlyArray<ChainEdge>;
  readonly nodes: ReadonlyArray<ChainLink>;
  readonly pageInfo: PageInfo;
};

export type ChainEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: ChainLink;
};

export type DeviceState =
  | 'CONNECTING'
  /** The line is open. */
  | 'OPEN'
  /** The line was lost; waiting to open it again. */
  | 'WAITING'
  | 'STOPPED'
  /** Its gateway has not reported for 30 seconds. */
  | 'UNHEARD';

/** A reader, camera, lane controller or receiver, as its gateway last reported it. */
export type Device = Node & {
  readonly id: Scalars['ID']['output'];
  readonly code: Scalars['String']['output'];
  readonly site: Site;
  readonly lane: Maybe<Lane>;
  readonly gatewayCode: Scalars['String']['output'];
  readonly state: DeviceState;
  readonly stateSince: Scalars['DateTime']['output'];
  readonly reportedAt: Scalars['DateTime']['output'];
  readonly lastFrameAt: Maybe<Scalars['DateTime']['output']>;
  readonly frames: Scalars['Float']['output'];
  readonly rejected: Scalars['Float']['output'];
  readonly skippedBytes: Scalars['Float']['output'];
  readonly reconnects: Scalars['Int']['output'];
  readonly lastError: Maybe<Scalars['String']['output']>;
};

/** A gateway and its spool. */
export type Gateway = Node & {
  readonly id: Scalars['ID']['output'];
  readonly code: Scalars['String']['output'];
  readonly site: Site;
  readonly reportedAt: Scalars['DateTime']['output'];
  readonly unsentItems: Scalars['Int']['output'];
  readonly oldestUnsentAt: Maybe<Scalars['DateTime']['output']>;
  readonly spoolBytes: Scalars['Float']['output'];
  readonly spoolMaxBytes: Scalars['Float']['output'];
  readonly damagedRecords: Scalars['Int']['output'];
};

/** What a gateway could not understand, kept for a person. */
export type RefusedInput = {
  readonly deviceCode: Scalars['String']['output'];
  readonly receivedAt: Scalars['DateTime']['output'];
  readonly reason: Scalars['String']['output'];
  readonly detail: Maybe<Scalars['String']['output']>;
  /** At most 256 bytes of it. */
  readonly hex: Maybe<Scalars['String']['output']>;
};

export type RefusedInputConnection = {
  readonly nodes: ReadonlyArray<RefusedInput>;
  readonly pageInfo: PageInfo;
};

export type Direction =
  | 'IN'
  | 'OUT'
  /** The evidence does not tell, and nobody guesses: an exception for a person. */
  | 'UNKNOWN';

export type PassOutcome =
  /** Accepted, and left by the lane's exit. Only this makes gate events. */
  | 'CROSSED'
  /** Turned away. */
  | 'REFUSED'
  /** Left by the side that it came from, without a refusal. */
  | 'TURNED_BACK'
  /** Left by the exit, and nobody accepted it, or nobody knows how it left: an exception for a person. */
  | 'UNDECIDED';

export type PassSource =
  | 'READERS'
  /** Reported by a person. */
  | 'HAND';

export type PassDecision = {
  readonly verdict: Scalars['String']['output'];
  readonly by: Scalars['String']['output'];
  readonly reason: Maybe<Scalars['String']['output']>;
  readonly at: Scalars['DateTime']['output'];
};

/** One crossing of one lane, with all that the readers, cameras and scales said. */
export type GatePass = Node & {
  readonly id: Scalars['ID']['output'];
  readonly site: Site;
  readonly gate: Maybe<Gate>;
  /** null for a lane that a gateway names and the port does not have. */
  readonly lane: Maybe<Lane>;
  readonly direction: Direction;
  /** LOOPS, ANTENNAS, LANE, MANUAL or NONE: what the direction rests on. */
  readonly directionSource: Scalars['String']['output'];
  readonly outcome: PassOutcome;
  readonly source: PassSource;
  readonly occurredAt: Scalars['DateTime']['output'];
  readonly closedAt: Scalars['DateTime']['output'];
  readonly recordedAt: Scalars['DateTime']['output'];
  readonly truckPlate: Maybe<Scalars['String']['output']>;
  readonly containerNumbers: ReadonlyArray<Scalars['ContainerNumber']['output']>;
  readonly visit: Maybe<TruckVisit>;
  readonly decision: Maybe<PassDecision>;
  /**
   * What a person should look at: UNKNOWN_LANE, NO_TRUCK, DIRECTION_UNKNOWN, TAG_OCR_MISMATCH, UNRESOLVED_TAG, UNRESOLVED_NUMBER, UNDECIDED …
   * LOOP_ANTENNA_CONFLICT: by its loops the truck turned back, by its antennas it went on through the lane; a loop may be dead.
   * SEVERAL_TRUCKS: more than one truck in one session of the lane; two truck tags, or two plates, were first seen 2 s or more apart.
   */
  readonly exceptions: ReadonlyArray<Scalars['String']['output']>;
  /** The lane's evidence as it came, and how each piece was resolved. */
  readonly evidence: Scalars['Json']['output'];
  readonly events: ReadonlyArray<TrackingEvent>;
  readonly unresolved: ReadonlyArray<UnresolvedObservation>;
  /** Why it was reported by hand. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

export type GatePassConnection = {
  readonly edges: ReadonlyArray<GatePassEdge>;
  readonly nodes: ReadonlyArray<GatePass>;
  readonly pageInfo: PageInfo;
};

export type GatePassEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: GatePass;
};

export type GatePassFilter = {
  readonly site?: InputMaybe<Scalars['String']['input']>;
  readonly gate?: InputMaybe<Scalars['String']['input']>;
  readonly lane?: InputMaybe<Scalars['String']['input']>;
  readonly truck?: InputMaybe<Scalars['LicencePlate']['input']>;
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  readonly direction?: InputMaybe<Direction>;
  readonly outcomes?: InputMaybe<ReadonlyArray<PassOutcome>>;
  /** Only those that a person should look at. */
  readonly exceptionsOnly?: InputMaybe<Scalars['Boolean']['input']>;
  readonly period?: InputMaybe<Period>;
};

export type ReportPassInput = {
  /** `CNNBO-BLYUA/G1-L3` */
  readonly lane: Scalars['String']['input'];
  readonly direction: Direction;
  readonly truck: Scalars['LicencePlate']['input'];
  readonly chassis?: InputMaybe<Scalars['String']['input']>;
  readonly containers: ReadonlyArray<ReportedContainer>;
  readonly occurredAt: Scalars['DateTime']['input'];
  readonly verdict: PassVerdict;
  /** Why the readers did not tell it: `tag broken`. */
  readonly reason: Scalars['String']['input'];
};

export type ReportedContainer = {
  readonly number: Scalars['ContainerNumber']['input'];
  readonly fullness?: InputMaybe<Fullness>;
};

export type PassVerdict = 'ACCEPTED' | 'REFUSED';

export type Fullness =
  /** 重箱 */
  | 'LADEN'
  /** 空箱 */
  | 'EMPTY';

export type ReportPassPayload = {
  readonly pass: GatePass;
};

/** Where a gateway's key stands. 网关密钥状态 */
export type GatewayKeyState =
  /** Given out and not used yet. 已发放，尚未使用 */
  | 'NEW'
  /** The one in use. 使用中 */
  | 'ACTIVE'
  /** In use until the one that was given out after it is used, for 24 hours at most. 即将更换 */
  | 'RETIRING'
  /** Replaced, or behind its end. 已停用 */
  | 'ENDED'
  /** Taken away by a person. 已吊销 */
  | 'REVOKED';

/** What a gateway signs its requests with; the key itself is told to nobody. 网关密钥 */
export type GatewayKey = {
  /** As it stands in the header `boxtrail-key`. */
  readonly keyId: Scalars['ID']['output'];
  readonly gatewayCode: Scalars['String']['output'];
  readonly site: Site;
  readonly state: GatewayKeyState;
  /** Where it may go from here; empty: it signs nothing any more. */
  readonly nextStates: ReadonlyArray<GatewayKeyState>;
  readonly createdAt: Scalars['DateTime']['output'];
  readonly firstUsedAt: Maybe<Scalars['DateTime']['output']>;
  /** It signs nothing from here on; null: until it is replaced or revoked. */
  readonly endsAt: Maybe<Scalars['DateTime']['output']>;
  /** Its gateway is told to ask for the next one since then. */
  readonly changeAskedAt: Maybe<Scalars['DateTime']['output']>;
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  readonly revokeReason: Maybe<Scalars['String']['output']>;
};

export type GatewayKeyConnection = {
  readonly edges: ReadonlyArray<GatewayKeyEdge>;
  readonly nodes: ReadonlyArray<GatewayKey>;
  readonly pageInfo: PageInfo;
};

export type GatewayKeyEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: GatewayKey;
};

export type EnrolGatewayInput = {
  /** The gateway's id, 1 to 200 characters, as its `gateway.json` has it; one that is not known yet becomes known. 网关编号 */
  readonly gateway: Scalars['String']['input'];
  /** Code of its site. A gateway stays at its site: CONFLICT when it is of another. 码头代码 */
  readonly site: Scalars['String']['input'];
  /** How long the code can be used: 1 to 1,440 minutes. */
  readonly minutes: Scalars['Int']['input'];
  /** How long its keys sign: 1 to 3,650 days. The gateway changes them by itself in the last quarter; null: they do not end by themselves. */
  readonly keyDays?: InputMaybe<Scalars['Int']['input']>;
};

export type EnrolGatewayPayload = {
  /** For BOXTRAIL_GATEWAY_CODE of that gateway, once. Kept nowhere in clear; the same call with the same idempotency key tells it again. 一次性注册码 */
  readonly code: Scalars['String']['output'];
  readonly expiresAt: Scalars['DateTime']['output'];
};

export type RevokeGatewayKeysInput = {
  readonly gateway: Scalars['String']['input'];
  /** One key; null: all of them, and a code that was drawn and not used. */
  readonly keyId?: InputMaybe<Scalars['ID']['input']>;
  /** Why, 1 to 1,000 characters. 吊销原因 */
  readonly reason: Scalars['String']['input'];
};

export type ChangeGatewayKeyPayload = {
  readonly key: GatewayKey;
};

export type RevokeGatewayKeysPayload = {
  /** Those that were ended now. */
  readonly keys: ReadonlyArray<GatewayKey>;
};

/** A container terminal, by its SMDG code. */
export type Site = Node & {
  readonly id: Scalars['ID']['output'];
  /** `CNNBO-BLYUA` */
  readonly code: Scalars['String']['output'];
  readonly unLocode: Scalars['String']['output'];
  readonly smdgCode: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
  readonly longitude: Scalars['Longitude']['output'];
  readonly latitude: Scalars['Latitude']['output'];
};

export type ZoneKind = 'TERMINAL' | 'GATE' | 'YARD' | 'BERTH' | 'BONDED_AREA' | 'RAIL_STATION' | 'ROAD' | 'TRUCK_PARK';

export type Zone = Node & {
  readonly id: Scalars['ID']['output'];
  readonly code: Scalars['String']['output'];
  readonly kind: ZoneKind;
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
  readonly site: Site;
  /** GeoJSON geometry, or `{corridor, halfWidthM}`. */
  readonly geometry: Scalars['Json']['output'];
  readonly bufferM: Scalars['Float']['output'];
  readonly dwellMs: Scalars['Int']['output'];
};

export type Gate = Node & {
  readonly id: Scalars['ID']['output'];
  readonly code: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
  readonly site: Site;
  readonly lanes: ReadonlyArray<Lane>;
};

export type LaneDirection = 'IN' | 'OUT' | 'REVERSIBLE';

export type Lane = Node & {
  readonly id: Scalars['ID']['output'];
  readonly code: Scalars['String']['output'];
  readonly number: Scalars['Int']['output'];
  readonly direction: LaneDirection;
  readonly gate: Gate;
  /** The passes of this lane, newest first. Gate operators and customs only. */
  readonly passes: GatePassConnection;
  readonly devices: ReadonlyArray<Device>;
};

export type LanePassesArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** What has an id of its own for ever. */
export type Node = {
  readonly id: Scalars['ID']['output'];
};

export type PageInfo = {
  readonly hasNextPage: Scalars['Boolean']['output'];
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

/** A stretch of time, `from` included and `to` not. Either end may be left open. */
export type Period = {
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  readonly to?: InputMaybe<Scalars['DateTime']['input']>;
};

export type Trade =
  /** 出口 */
  | 'EXPORT'
  /** 进口 */
  | 'IMPORT';

export type ShipmentStatus =
  /** Nothing has happened yet. */
  | 'BOOKED'
  /** Some milestones are reached. */
  | 'UNDER_WAY'
  /** All milestones are reached. */
  | 'COMPLETED'
  /** Its time is over. */
  | 'ENDED';

export type PartyRole = 'SHIPPER' | 'CONSIGNEE' | 'FORWARDER' | 'CARRIER' | 'HAULIER';

export type ShipmentParty = {
  readonly organisation: Organisation;
  readonly role: PartyRole;
};

export type LegMode = 'ROAD' | 'SEA' | 'RAIL' | 'BARGE';

export type Leg = {
  readonly ordinal: Scalars['Int']['output'];
  readonly mode: LegMode;
  readonly fromPlace: Scalars['String']['output'];
  readonly toPlace: Scalars['String']['output'];
  readonly vessel: Maybe<Scalars['String']['output']>;
  readonly voyage: Maybe<Scalars['String']['output']>;
};

/** A point on the way: planned, and per box the event that reached it. */
export type Milestone = {
  readonly ordinal: Scalars['Int']['output'];
  /** DCSA code: GTIN, LOAD, DEPA, ARRI, DISC, GTOT. */
  readonly code: Scalars['String']['output'];
  readonly site: Maybe<Site>;
  readonly zone: Maybe<Zone>;
  readonly plannedAt: Maybe<Scalars['DateTime']['output']>;
  /** When the last of the boxes reached it; null while one is missing. */
  readonly actualAt: Maybe<Scalars['DateTime']['output']>;
  readonly reached: Scalars['Boolean']['output'];
  /** Box by box. */
  readonly reachedBy: ReadonlyArray<MilestoneReached>;
};

export type MilestoneReached = {
  readonly containerNumber: Scalars['ContainerNumber']['output'];
  readonly event: TrackingEvent;
};

/** A box's time under a shipment. */
export type ShipmentContainer = {
  readonly number: Scalars['ContainerNumber']['output'];
  readonly fullness: Maybe<Fullness>;
  readonly container: Container;
  readonly windowFrom: Scalars['DateTime']['output'];
  readonly windowTo: Maybe<Scalars['DateTime']['output']>;
};

export type Shipment = Node & {
  readonly id: Scalars['ID']['output'];
  readonly reference: Scalars['String']['output'];
  readonly bookingNumber: Maybe<Scalars['String']['output']>;
  readonly billNumber: Maybe<Scalars['String']['output']>;
  readonly trade: Trade;
  readonly status: ShipmentStatus;
  readonly parties: ReadonlyArray<ShipmentParty>;
  readonly containers: ReadonlyArray<ShipmentContainer>;
  readonly legs: ReadonlyArray<Leg>;
  readonly milestones: ReadonlyArray<Milestone>;
  /** Those that may still happen, in order: not reached by every box, and none behind them reached. */
  readonly milestonesToCome: ReadonlyArray<Milestone>;
  /** Events of its boxes in their windows, newest first. */
  readonly events: TrackingEventConnection;
};

export type ShipmentEventsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type ShipmentConnection = {
  readonly edges: ReadonlyArray<ShipmentEdge>;
  readonly nodes: ReadonlyArray<Shipment>;
  readonly pageInfo: PageInfo;
};

export type ShipmentEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Shipment;
};

/** What happened. Each kind's DCSA and EPCIS words stand in `docs/EVENTS.md`. */
export type EventKind =
  /** 进闸: an accepted truck brought the container through a lane's exit. */
  | 'ContainerGatedIn'
  /** 出闸: a truck took the container out. */
  | 'ContainerGatedOut'
  /** 过闸被拒: turned away at a lane. */
  | 'PassRefused'
  /** 进入区域 */
  | 'ZoneEntered'
  /** 离开区域 */
  | 'ZoneExited'
  /** 穿越区域: through a whole zone between two fixes. */
  | 'ZoneCrossed'
  /** 人工确认箱号: a person named an unresolved reading. */
  | 'ObservationResolved'
  /** 事件撤销: an earlier event no longer stands. */
  | 'EventWithdrawn';

export type AssetKind = 'CONTAINER' | 'TRUCK' | 'CHASSIS' | 'WAGON' | 'BARGE' | 'VESSEL';

/** Whose word an event rests on. */
export type EventSource = 'READER' | 'POSITION' | 'HAND' | 'MESSAGE';

export type Asset = {
  readonly kind: AssetKind;
  /** Container number, licence plate, MMSI … */
  readonly code: Scalars['String']['output'];
};

/** An immutable business fact in the journal. */
export type TrackingEvent = Node & {
  readonly id: Scalars['ID']['output'];
  readonly kind: EventKind;
  readonly asset: Asset;
  readonly containerNumber: Maybe<Scalars['ContainerNumber']['output']>;
  /** The truck that carried it. Not told to logistics companies unless the truck passed a gate with their box. */
  readonly truckPlate: Maybe<Scalars['String']['output']>;
  readonly site: Site;
  readonly gate: Maybe<Gate>;
  readonly lane: Maybe<Lane>;
  readonly zone: Maybe<Zone>;
  /** When it happened, by the device's clock. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** When the gateway heard of it. */
  readonly receivedAt: Scalars['DateTime']['output'];
  /** When it was stored. */
  readonly recordedAt: Scalars['DateTime']['output'];
  readonly source: EventSource;
  /** It became known after later facts of the same asset had been written. */
  readonly late: Scalars['Boolean']['output'];
  /** False once a later event withdrew it. */
  readonly stands: Scalars['Boolean']['output'];
  /** The event that this one withdraws. */
  readonly withdraws: Maybe<Scalars['ID']['output']>;
  /** The pass that it came from. Gate operators and customs only; null for others. */
  readonly pass: Maybe<GatePass>;
  /** SHA-256 of the event's canonical JSON (RFC 8785), hex. */
  readonly hash: Scalars['String']['output'];
  /** Its place in the journal: give it to a subscription's `after`, and it goes on behind this event. */
  readonly journalCursor: Scalars['String']['output'];
  readonly payload: Scalars['Json']['output'];
};

export type TrackingEventConnection = {
  readonly edges: ReadonlyArray<TrackingEventEdge>;
  readonly nodes: ReadonlyArray<TrackingEvent>;
  readonly pageInfo: PageInfo;
};

export type TrackingEventEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: TrackingEvent;
};

/** All that is given must hold. */
export type TrackingEventFilter = {
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  readonly truck?: InputMaybe<Scalars['LicencePlate']['input']>;
  readonly site?: InputMaybe<Scalars['String']['input']>;
  readonly gate?: InputMaybe<Scalars['String']['input']>;
  readonly lane?: InputMaybe<Scalars['String']['input']>;
  readonly zone?: InputMaybe<Scalars['String']['input']>;
  readonly kinds?: InputMaybe<ReadonlyArray<EventKind>>;
  readonly period?: InputMaybe<Period>;
  /** Also those that were withdrawn since. */
  readonly includeWithdrawn?: InputMaybe<Scalars['Boolean']['input']>;
};

export type TruckVisitState =
  /** The truck is in the terminal. */
  'OPEN' | 'CLOSED';

export type TransactionKind =
  /** The truck brought the box. 交箱 */
  | 'DELIVER'
  /** The truck took the box. 提箱 */
  | 'RECEIVE';

export type VisitTransaction = {
  readonly kind: TransactionKind;
  readonly containerNumber: Scalars['ContainerNumber']['output'];
  readonly fullness: Maybe<Fullness>;
  /** FRONT, MIDDLE, REAR, or null when nobody said. */
  readonly position: Maybe<Scalars['String']['output']>;
  readonly pass: GatePass;
  readonly occurredAt: Scalars['DateTime']['output'];
};

/** A truck's stay in a terminal: what it brought and what it took are one visit. */
export type TruckVisit = Node & {
  readonly id: Scalars['ID']['output'];
  readonly site: Site;
  readonly truckPlate: Scalars['String']['output'];
  readonly chassisPlate: Maybe<Scalars['String']['output']>;
  /** A reference; the person stands elsewhere. */
  readonly driverId: Maybe<Scalars['ID']['output']>;
  readonly state: TruckVisitState;
  readonly openedAt: Scalars['DateTime']['output'];
  readonly closedAt: Maybe<Scalars['DateTime']['output']>;
  readonly passes: ReadonlyArray<GatePass>;
  readonly transactions: ReadonlyArray<VisitTransaction>;
};

export type TruckVisitConnection = {
  readonly edges: ReadonlyArray<TruckVisitEdge>;
  readonly nodes: ReadonlyArray<TruckVisit>;
  readonly pageInfo: PageInfo;
};

export type TruckVisitEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: TruckVisit;
};

export type UnresolvedReason =
  /** A tag that is bound to nothing. */
  | 'TAG_WITHOUT_BINDING'
  /** A number whose ISO 6346 check digit is wrong. */
  | 'CHECK_DIGIT'
  /** A camera's text that is no container number at all. */
  | 'NOT_A_CONTAINER_NUMBER';

export type UnresolvedState = 'OPEN' | 'RESOLVED' | 'DISMISSED';

/** A box that it may have been, and why we think so. */
export type ContainerProposal = {
  readonly containerNumber: Scalars['ContainerNumber']['output'];
  /** EXPECTED_HERE, IN_TERMINAL, ONE_CHARACTER_OFF, CHECK_DIGIT_FIXED … */
  readonly because: ReadonlyArray<Scalars['String']['output']>;
};

/** What a lane saw and nobody could name: the reading stays, a person adds the answer. */
export type UnresolvedObservation = Node & {
  readonly id: Scalars['ID']['output'];
  readonly reason: UnresolvedReason;
  /** EPC or text, as it was read. */
  readonly seen: Scalars['String']['output'];
  readonly occurredAt: Scalars['DateTime']['output'];
  readonly lane: Maybe<Lane>;
  readonly deviceCode: Scalars['String']['output'];
  readonly pass: Maybe<GatePass>;
  readonly proposals: ReadonlyArray<ContainerProposal>;
  readonly state: UnresolvedState;
  readonly chosenContainer: Maybe<Scalars['ContainerNumber']['output']>;
  readonly resolvedAt: Maybe<Scalars['DateTime']['output']>;
};

export type UnresolvedObservationConnection = {
  readonly edges: ReadonlyArray<UnresolvedObservationEdge>;
  readonly nodes: ReadonlyArray<UnresolvedObservation>;
  readonly pageInfo: PageInfo;
};

export type UnresolvedObservationEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: UnresolvedObservation;
};

export type ResolveObservationInput = {
  readonly id: Scalars['ID']['input'];
  /** The box that it was; null dismisses the reading as not a box. */
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  /** For a tag: bind it to the box from the reading's moment on. */
  readonly bindTag?: InputMaybe<Scalars['Boolean']['input']>;
};

export type ResolveObservationPayload = {
  readonly observation: UnresolvedObservation;
  /** The events that followed from the answer, such as a gate-in at the pass's time, marked late. */
  readonly events: ReadonlyArray<TrackingEvent>;
};

export type Role =
  /** Works a terminal's gates: lanes, passes, devices. 闸口操作员 */
  | 'GATE_OPERATOR'
  /** Watches the port group's terminals. 港航信息监控员 */
  | 'PORT_MONITOR'
  /** Works for a logistics company: its own shipments and boxes. 物流企业 */
  | 'LOGISTICS'
  /** Says who works for a logistics company, and whom else it lets see its boxes. 企业管理员 */
  | 'COMPANY_ADMINISTRATOR'
  /** Drives for a logistics company. 司机 */
  | 'DRIVER'
  /** Works for customs: port events of the district. 海关关员 */
  | 'CUSTOMS_OFFICER'
  /** Works for quarantine. 检疫人员 */
  | 'QUARANTINE_OFFICER'
  /** Works for a bank. 银行业务员 */
  | 'BANK_OFFICER'
  /** Verifies organisations and people. 平台运营员 */
  | 'PLATFORM_OPERATOR'
  /** Runs the system: devices, gateways, keys of machines. 系统管理员 */
  | 'SYSTEM_ADMINISTRATOR'
  /** Grants and takes roles, ends sessions. 安全管理员 */
  | 'SECURITY_ADMINISTRATOR'
  /** Reads and archives the audit, alone. 审计管理员 */
  | 'AUDIT_ADMINISTRATOR';

export type OrganisationKind =
  | 'PORT_GROUP'
  | 'TERMINAL'
  | 'LOGISTICS_COMPANY'
  | 'CUSTOMS_OFFICE'
  | 'QUARANTINE_OFFICE'
  | 'BANK'
  | 'PLATFORM_OPERATOR';

export type Organisation = Node & {
  readonly id: Scalars['ID']['output'];
  readonly kind: OrganisationKind;
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
};

/** Who asks. */
export type Viewer = {
  readonly displayName: Scalars['String']['output'];
  readonly role: Role;
  readonly organisation: Organisation;
};

export type WebhookState =
  /** Is told of what happens. 启用 */
  | 'ACTIVE'
  /** Is told nothing until it is resumed, and then all. 暂停 */
  | 'PAUSED'
  /** Took nothing for five days, said that it is gone (410), or its maker may no longer read. 停用 */
  | 'DISABLED'
  /** Is no more. 已删除 */
  | 'REMOVED';

export type WebhookDeliveryState =
  /** Waits for its next attempt. 待投递 */
  | 'PENDING'
  /** Was answered with 2xx. 已投递 */
  | 'DELIVERED'
  /** Was tried eleven times in some three days, and is kept for 90 days. 死信 */
  | 'DEAD'
  /** Its reader may no longer see the event. 已扣留 */
  | 'WITHHELD';

/**
 * An address that is told of events, signed by Standard Webhooks 1.0.0: headers `webhook-id` (the same at each attempt), `webhook-timestamp`
 * and `webhook-signature` (`v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`). The body is `{type, timestamp, data}`; `data` has
 * the fields of a TrackingEvent, `journalCursor` among them. Events come at least once, and in the journal's order as long as each is
 * taken at its first attempt.
 */
export type WebhookEndpoint = Node & {
  readonly id: Scalars['ID']['output'];
  readonly url: Scalars['String']['output'];
  readonly description: Scalars['String']['output'];
  /** Of TrackingEventFilter's form; null: all that its maker may see. */
  readonly filter: Maybe<Scalars['Json']['output']>;
  readonly state: WebhookState;
  readonly nextStates: ReadonlyArray<WebhookState>;
  /** Why it was disabled. */
  readonly stateReason: Maybe<Scalars['String']['output']>;
  /** It is told what this role of its organisation may see. */
  readonly role: Role;
  readonly createdAt: Scalars['DateTime']['output'];
  /** Since when no attempt was taken. */
  readonly failingSince: Maybe<Scalars['DateTime']['output']>;
  /** What was sent, newest first. */
  readonly deliveries: WebhookDeliveryConnection;
};

/**
 * An address that is told of events, signed by Standard Webhooks 1.0.0: headers `webhook-id` (the same at each attempt), `webhook-timestamp`
 * and `webhook-signature` (`v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`). The body is `{type, timestamp, data}`; `data` has
 * the fields of a TrackingEvent, `journalCursor` among them. Events come at least once, and in the journal's order as long as each is
 * taken at its first attempt.
 */
export type WebhookEndpointDeliveriesArgs = {
  state?: InputMaybe<WebhookDeliveryState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type WebhookDelivery = {
  /** null when it is not yours to see any more. */
  readonly event: Maybe<TrackingEvent>;
  readonly state: WebhookDeliveryState;
  readonly attempts: Scalars['Int']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  readonly lastAttemptAt: Maybe<Scalars['DateTime']['output']>;
  readonly nextAttemptAt: Scalars['DateTime']['output'];
  /** HTTP status of the last answer; null when there was none. */
  readonly lastStatus: Maybe<Scalars['Int']['output']>;
  readonly lastError: Maybe<Scalars['String']['output']>;
};

export type WebhookDeliveryConnection = {
  readonly edges: ReadonlyArray<WebhookDeliveryEdge>;
  readonly nodes: ReadonlyArray<WebhookDelivery>;
  readonly pageInfo: PageInfo;
};

export type WebhookDeliveryEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: WebhookDelivery;
};

export type CreateWebhookInput = {
  /** https; no address that points inward. */
  readonly url: Scalars['String']['input'];
  /** For people, 1 to 200 characters. */
  readonly description: Scalars['String']['input'];
  readonly filter?: InputMaybe<TrackingEventFilter>;
  /** A journalCursor to begin behind; absent: with what happens from now on. */
  readonly after?: InputMaybe<Scalars['String']['input']>;
};

export type CreateWebhookPayload = {
  readonly endpoint: WebhookEndpoint;
  /** `whsec_…`, told once: null when the same idempotency key asks again. */
  readonly secret: Maybe<Scalars['String']['output']>;
};

export type WebhookPayload = {
  readonly endpoint: WebhookEndpoint;
};

export type ReplaceWebhookSecretPayload = {
  readonly endpoint: WebhookEndpoint;
  /** Told once. The former one signs beside it for 24 hours. */
  readonly secret: Maybe<Scalars['String']['output']>;
};

export type WebhookCommand = 'PAUSE' | 'RESUME' | 'REMOVE';
