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
  /** A unified social credit code (统一社会信用代码, GB 32100-2015), check character included: 18 of `0-9 A-Z` without I, O, S, V, Z. */
  CreditCode: { input: string; output: string };
  /** A UN/LOCODE without its blank, country and place: `CNNBO`. Input is taken with the blank and in small letters too. */
  UnLocode: { input: string; output: string };
  /** A tag's identity as GS1's TDS writes it: `urn:epc:tag:giai-96:0.0614141.12345400`, `urn:epc:id:bic:CSQU3054383`. */
  EpcUri: { input: string; output: string };
  /** An instant, RFC 3339. Answers are UTC with milliseconds: `2026-11-22T01:02:03.000Z`. */
  DateTime: { input: Date; output: Date | string | number };
  /**
   * A length of time, ISO 8601 in weeks, days (of 24 hours), hours, minutes and seconds with up to three decimals: `PT25M30.5S`, `P1DT2H`. Years and
   * months are refused: they have no length. At most 3,650 days. Answers count in hours, minutes and seconds.
   */
  Duration: { input: number; output: number };
  /** Degrees, WGS-84, -180 to 180. */
  Longitude: { input: number; output: number };
  /** Degrees, WGS-84, -90 to 90. */
  Latitude: { input: number; output: number };
  /** A JSON value. */
  Json: { input: unknown; output: unknown };
  /** A key that the caller draws for one intent, 8 to 128 characters of `A-Z a-z 0-9 _ -`. The same key with the same input gives the same answer again; with another input it is refused with IDEMPOTENCY_MISMATCH. */
  IdempotencyKey: { input: string; output: string };
};

/** What became of an alert. 告警状态 */
export type AlertState =
  /** Nobody has looked at it. 未处理 */
  | 'OPEN'
  /** Somebody has taken it on. 已确认 */
  | 'ACKNOWLEDGED'
  /** What it was raised for is settled. 已关闭 */
  | 'CLOSED';

/** How much an alert presses. 告警级别 */
export type AlertSeverity =
  /** Good to know. */
  | 'INFO'
  /** A person should look at it today. */
  | 'WARNING'
  /** A person should look at it now. */
  | 'CRITICAL';

/** What a person should look at. Gate operators, port monitors and customs of its site. 告警 */
export type Alert = Node & {
  readonly id: Scalars['ID']['output'];
  /**
   * UNRESOLVED_OBSERVATION, PASS_EXCEPTION (a box that left unaccepted: CRITICAL), DEVICE_CLOCK, DEVICE_SIGNATURE (a request of a
   * gateway's name that its key has not signed), DEVICE_REPLAY (one that was here before), DEVICE_CLONED (one gateway or reader in
   * two places: CRITICAL). Of gateways once a kind, key and day. 设备时钟、签名、重放、克隆告警
   */
  readonly kind: Scalars['String']['output'];
  /** How much it presses. */
  readonly severity: AlertSeverity;
  readonly state: AlertState;
  /** When what it tells of happened. */
  readonly raisedAt: Scalars['DateTime']['output'];
  readonly site: Site;
  readonly lane: Maybe<Lane>;
  /** The device's, or the gateway's. */
  readonly deviceCode: Maybe<Scalars['String']['output']>;
  readonly pass: Maybe<GatePass>;
  /** The reading that nobody could name; null when it tells of something else. */
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
  /** As it is now. */
  readonly alert: Alert;
};

export type Query = {
  /** Newest first. Gate operators, port monitors and customs only. */
  readonly alerts: AlertConnection;
  /** Everybody: one's own; company administrators: also those of their organisation's service accounts; security administrators: all. Newest first. API tokens need the scope MANAGE. 令牌列表 */
  readonly apiTokens: ApiTokenConnection;
  /** Newest first. Audit administrators only, for a case; each read is recorded here itself. 审计查询 */
  readonly auditRecords: AuditRecordConnection;
  /** Newest first. Audit administrators only, for a case. */
  readonly auditArchives: AuditArchiveConnection;
  /** Follows the chain from a sequence on; null: from the oldest record that is here. Audit administrators only, for a case. 审计链校验 */
  readonly auditCheck: AuditCheck;
  /** A box by its number. One that is not yours is not found (NOT_FOUND), in the same way as one that does not exist. */
  readonly container: Container;
  /** Gate operators, port monitors and customs only. */
  readonly devices: ReadonlyArray<Device>;
  /** Gate operators, port monitors and customs only. */
  readonly gateways: ReadonlyArray<Gateway>;
  /** Refused frames and readings, newest first. Gate operators only. */
  readonly refusedInputs: RefusedInputConnection;
  /** Passes, newest first, by (occurredAt, id). A page holds at most 200. Gate operators, port monitors and customs only. */
  readonly passes: GatePassConnection;
  /** Keys of gateways, newest first. System administrators only. */
  readonly gatewayKeys: GatewayKeyConnection;
  /** Selections of the district, newest first. Customs only, for a case. 布控查询 */
  readonly inspectionTargets: InspectionTargetConnection;
  /** All organisations, the state that changed last first. Platform operators and security administrators. */
  readonly organisations: OrganisationConnection;
  /** Newest first. Company administrators their own company's, platform operators all. */
  readonly paperAlerts: PaperAlertConnection;
  /** The terminals. For all who are signed in. */
  readonly sites: ReadonlyArray<Site>;
  /** The zones of a terminal. */
  readonly zones: ReadonlyArray<Zone>;
  /** The lanes of your terminal, or of one site. Gate operators, port monitors and customs only. */
  readonly lanes: ReadonlyArray<Lane>;
  /** The scripts that a sandbox can play. For all who may run one. */
  readonly sandboxScripts: ReadonlyArray<SandboxScriptSheet>;
  /** Company administrators: their organisation's; security administrators: all. Newest first. 服务账号列表 */
  readonly serviceAccounts: ServiceAccountConnection;
  /** Everybody: one's own sessions that have not ended, newest first, at most 20. Security administrators: anybody's, by `person`. API tokens need the scope MANAGE. 会话列表 */
  readonly sessions: ReadonlyArray<Session>;
  /** Anything with an id, if you may see it; otherwise null, as if it did not exist. */
  readonly node: Maybe<Node>;
  /** By its reference, booking or bill number. Another company's is not found (NOT_FOUND), as if it did not exist. */
  readonly shipment: Shipment;
  /** Your shipments, newest first. What you may not see of a shipment, such as its bill's number, finds nothing. Logistics companies and customs. */
  readonly shipments: ShipmentConnection;
  /** Port events, newest first, by (occurredAt, id). A page holds at most 200. Each sees what is theirs: customs and gate operators their sites, a company its windows. */
  readonly events: TrackingEventConnection;
  /** Where the journal ends now: a subscription with this `after` gets all that comes behind. */
  readonly journalEnd: Scalars['String']['output'];
  /** Truck visits, newest first, by (openedAt, id). Gate operators, port monitors and customs only. */
  readonly truckVisits: TruckVisitConnection;
  /** Newest first. Gate operators of the site only. */
  readonly unresolvedObservations: UnresolvedObservationConnection;
  /** Who asks. For all who are signed in. */
  readonly viewer: Viewer;
  /** Your organisation's, oldest first; at most 20. Those who may read events. */
  readonly webhookEndpoints: ReadonlyArray<WebhookEndpoint>;
  /** Windows that your company gave and received, newest first. Logistics companies. */
  readonly windows: WindowGrantConnection;
};

export type QueryAlertsArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<AlertState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryApiTokensArgs = {
  holder?: InputMaybe<Scalars['ID']['input']>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryAuditRecordsArgs = {
  filter?: InputMaybe<AuditRecordFilter>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryAuditArchivesArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryAuditCheckArgs = {
  from?: InputMaybe<Scalars['String']['input']>;
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

export type QueryInspectionTargetsArgs = {
  container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  state?: InputMaybe<InspectionTargetState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryOrganisationsArgs = {
  state?: InputMaybe<OrganisationState>;
  kind?: InputMaybe<OrganisationKind>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryPaperAlertsArgs = {
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

export type QueryServiceAccountsArgs = {
  organisation?: InputMaybe<Scalars['ID']['input']>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QuerySessionsArgs = {
  person?: InputMaybe<Scalars['ID']['input']>;
};

export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};

export type QueryShipmentArgs = {
  reference: Scalars['String']['input'];
};

export type QueryShipmentsArgs = {
  filter?: InputMaybe<ShipmentFilter>;
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
  longerThan?: InputMaybe<Scalars['Duration']['input']>;
  period?: InputMaybe<Period>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryUnresolvedObservationsArgs = {
  site?: InputMaybe<Scalars['String']['input']>;
  state?: InputMaybe<UnresolvedState>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type QueryWindowsArgs = {
  direction?: InputMaybe<GrantDirection>;
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

export type Mutation = {
  /** Gate operators of the site only. */
  readonly acknowledgeAlert: AcknowledgeAlertPayload;
  /** Everybody for themselves; company administrators for service accounts of their organisation, security administrators for any. FORBIDDEN for a scope that the asker lacks. A token that is drawn with a token ends with it, and no later. 创建令牌 */
  readonly createApiToken: CreateApiTokenPayload;
  /**
   * Ends a token for good, and with it every token that was drawn with it, theirs too, of whomever they are: their subscriptions are
   * closed and the webhooks that were made with them end. At once in the service that is asked, within 3 seconds in others. Whoever sees
   * it may; FORBIDDEN for another of the three administrators', NOT_FOUND for any other. 吊销令牌
   */
  readonly revokeApiToken: RevokeApiTokenPayload;
  /** Offers the oldest records before an instant as an archive, at most 50,000. NOT_FOUND when there are none, CONFLICT when the chain is broken. Audit administrators only, for a case. 审计归档 */
  readonly offerAuditArchive: AuditArchivePayload;
  /** Removes an archive's records, for whoever shows the SHA-256 of its file (hex): they have it. NOT_FOUND unless its records are the oldest that are here, CONFLICT for another hash. Nothing else removes a record. Audit administrators only, for a case. */
  readonly removeArchivedAudit: AuditArchivePayload;
  /** Reports a pass that the readers missed or misread. Gate operators of the lane's terminal only. The pass must not lie in the future (LIMIT 2 minutes) nor more than 7 days back. */
  readonly reportPass: ReportPassPayload;
  /** Draws a one-time code with which a gateway comes to its key; a code that was drawn for it before is withdrawn. Its former key signs until the new one is used. System administrators only. 注册网关 */
  readonly enrolGateway: EnrolGatewayPayload;
  /** Tells a gateway at its next request to change its key; both are valid until the new one is used. NOT_FOUND without a key in use. System administrators only. 更换密钥 */
  readonly changeGatewayKey: ChangeGatewayKeyPayload;
  /** Ends keys for good, within seconds. What the gateway has not delivered stays in its spool until it is enrolled anew. NOT_FOUND when none signs. System administrators only. 吊销密钥 */
  readonly revokeGatewayKeys: RevokeGatewayKeysPayload;
  /** Selects a box for inspection, for the case of the request. NOT_FOUND for a site out of the district, CONFLICT when the box is selected there already. Customs only. 布控 */
  readonly targetContainer: InspectionTargetPayload;
  /** Gives a selection up before anybody was told; nobody ever is. CONFLICT behind its notice. Customs only, for a case. 撤销布控 */
  readonly withdrawTarget: InspectionTargetPayload;
  /** Announces the inspection: whoever may see the box's events at this time is told `InspectionNoticed`. Customs only, for a case. 通知查验 */
  readonly noticeTarget: InspectionTargetPayload;
  /** Customs are done with the box: `InspectionReleased`. CONFLICT before its notice. Customs only, for a case. 查验放行 */
  readonly releaseTarget: InspectionTargetPayload;
  /** Makes an organisation known; CONFLICT when one has that credit code. Platform operators. */
  readonly registerOrganisation: OrganisationPayload;
  /** Hands in papers; refused (INVALID_INPUT, with details.missing) while one that the kind needs is missing. A verified organisation stays verified. Company administrators their own company's, platform operators any. */
  readonly submitPapers: OrganisationPayload;
  /** SUBMITTED → VERIFYING. Platform operators, never for their own organisation. */
  readonly beginVerification: OrganisationPayload;
  /** VERIFYING → VERIFIED, and all papers not looked at are accepted; in VERIFIED it accepts new papers. Platform operators, never for their own organisation nor for papers that they handed in (FORBIDDEN). */
  readonly verifyOrganisation: OrganisationPayload;
  /** VERIFYING → REJECTED, and all papers not looked at are refused; in VERIFIED it refuses new papers. The same. */
  readonly rejectOrganisation: OrganisationPayload;
  /** From any other state to SUSPENDED, at once: its people are refused with ORGANISATION_SUSPENDED, their subscriptions are closed, running exports break off, webhooks are disabled. Platform operators and security administrators, never for their own organisation, nor for one that has an audit administrator: nobody stops the audit. */
  readonly suspendOrganisation: OrganisationPayload;
  /** From SUSPENDED to the state before. The same. */
  readonly liftSuspension: OrganisationPayload;
  /** Company administrators for their organisation, security administrators for any. CONFLICT when somebody else has that login name, number, certificate or subject; FORBIDDEN for the roles that are given at the machine alone. 添加人员 */
  readonly addPerson: AddPersonPayload;
  /** For somebody all of whose memberships the asker manages. NOT_FOUND for anybody else; CONFLICT and FORBIDDEN as `addPerson`. 更正个人信息 */
  readonly changePerson: ChangePersonPayload;
  /**
   * As `addPerson`, for somebody all of whose memberships the asker manages. Password, sessions and the person's API tokens end, and what
   * was drawn with these, and on demand the second factor; a new enrolment code is drawn. Telephone, OpenID Connect subject and tokens of
   * service accounts stay. NOT_FOUND for anybody else, FORBIDDEN as `addPerson`. 重置凭据
   */
  readonly resetCredentials: ResetCredentialsPayload;
  /** Security administrators; of anybody but the three administrators. Destroys the key of a person's data (name, login name, e-mail, telephone) and ends their credentials, for good; events, passes and audit stay, and name the reference. 删除个人信息 */
  readonly erasePerson: ErasePersonPayload;
  /**
   * Plays a script at the asker's sandbox by the way that every gateway's batch goes: observations, pass, events, subscriptions, webhooks. Each
   * run has a box and a truck of its own. FORBIDDEN for whoever is in no sandbox; LIMIT_EXCEEDED after 10,000 runs of one. 运行沙箱脚本
   */
  readonly runSandboxScript: RunSandboxScriptPayload;
  /** Everybody, in a session. A new secret; it counts once `confirmSecondFactor` has brought a code of it, and one from before counts until then. 绑定第二因素 */
  readonly offerSecondFactor: OfferSecondFactorPayload;
  /** Everybody, in a session. SIGN_IN_REFUSED for another code, CONFLICT when nothing was offered, RATE_LIMITED as `signIn`. 确认第二因素 */
  readonly confirmSecondFactor: ConfirmSecondFactorPayload;
  /** Everybody, in a session. A code of the authenticator or a recovery code, each taken once: SIGN_IN_REFUSED for one that was used. RATE_LIMITED as `signIn`. 验证第二因素 */
  readonly verifySecondFactor: SignInPayload;
  /** Company administrators in their organisation, security administrators in any. Draw its tokens with `createApiToken`. 创建服务账号 */
  readonly createServiceAccount: CreateServiceAccountPayload;
  /** As `createServiceAccount`. Its tokens end with it. 关闭服务账号 */
  readonly closeServiceAccount: CloseServiceAccountPayload;
  /** Everybody, in a session. The session goes on for another of the person's memberships, under the same token. NOT_FOUND for one that the person does not have. 切换身份 */
  readonly switchMembership: Scalars['Boolean']['output'];
  /** Everybody, in a session: ends it. 退出登录 */
  readonly signOut: Scalars['Boolean']['output'];
  /** Everybody: ends one of one's own sessions; security administrators: anybody's. Works at once in the service that is asked, within 3 seconds in others. NOT_FOUND for one that is not there or has ended, FORBIDDEN for another of the three administrators'. 结束会话 */
  readonly revokeSession: RevokeSessionsPayload;
  /** Everybody: ends all of one's own sessions but the one that asks; security administrators: all of a person's, FORBIDDEN for another of the three administrators'. 结束全部会话 */
  readonly revokeSessions: RevokeSessionsPayload;
  /** Does nothing and proves that the token works. */
  readonly ping: Scalars['Boolean']['output'];
  /** Books a shipment: its parties see its boxes from now on, each what its part needs. Logistics companies whose name is verified (ORGANISATION_NOT_VERIFIED). */
  readonly bookShipment: ShipmentPayload;
  /** Another box goes instead of one: every window on the one ends now and goes on with the other. Shippers, forwarders and carriers of the shipment, whose name is verified (ORGANISATION_NOT_VERIFIED). */
  readonly swapContainer: ShipmentPayload;
  /** It goes with another voyage; the windows stay open. Shippers, forwarders and carriers of the shipment. */
  readonly rollOver: ShipmentPayload;
  /** Some boxes go under a shipment of their own, with the same parties, way and plan: nobody sees more or less. Shippers and forwarders of the shipment. */
  readonly splitShipment: SplitShipmentPayload;
  /** All boxes of one shipment go under another of the same parties (CONFLICT): nobody sees more or less. Shippers and forwarders of both. */
  readonly mergeShipments: ShipmentPayload;
  /** Ends a shipment, and every window on its boxes now. What happened before stays to be seen. Shippers, forwarders and consignees of the shipment. */
  readonly endShipment: ShipmentPayload;
  /** Takes a box out of the shipment that holds it, when whoever should have ended that does not. Platform operators. */
  readonly releaseContainer: ReleaseContainerPayload;
  /**
   * Anybody. A session by login name and password. SIGN_IN_REFUSED says no more, whatever was wrong; RATE_LIMITED comes with
   * `details.retryAfterSeconds`: pauses double from the fifth failure of a name on, to an hour; from the hundredth on each is a day. 登录
   */
  readonly signIn: SignInPayload;
  /** Anybody with an enrolment code. Sets the password and begins a session. INVALID_INPUT for a weak password and CONFLICT for a login name that is taken leave the code as it was. 首次设置密码 */
  readonly enrol: SignInPayload;
  /**
   * Anybody. Sends six digits to a driver's telephone. The answer is the same when no driver has that number. UNAVAILABLE where the
   * operator has configured no sender; RATE_LIMITED after five codes for one number within an hour, or four wrong attempts at them, for
   * an hour at most. 获取短信验证码
   */
  readonly requestPhoneCode: RequestPhoneCodePayload;
  /**
   * Drivers. A session by the code that was sent; SIGN_IN_REFUSED for any other, for one that was used, and for the right one too after
   * four wrong ones at the number's codes of an hour: `requestPhoneCode` then tells when it sends another. 司机登录
   */
  readonly signInByPhone: SignInPayload;
  /** Anybody. UNAVAILABLE where the operator has configured no authorities of certificates. 获取证书登录随机数 */
  readonly requestCertificateNonce: RequestCertificateNoncePayload;
  /** Whoever has the key. A session by a certificate, which counts as two factors. The nonce is used up whatever comes of it. SIGN_IN_REFUSED says what is wrong with certificate or signature. 证书登录 */
  readonly signInByCertificate: SignInPayload;
  /**
   * Whoever came back from an OpenID Connect issuer: the code that stands in the page's address behind `#sign-in=`, within a minute, over HTTP
   * and from the browser that began: it is known by a cookie. SIGN_IN_REFUSED for any other. The way begins at
   * `/auth/oidc/<issuer>/start?return=/path`. 统一身份认证登录
   */
  readonly redeemSignIn: SignInPayload;
  /**
   * Everybody, in a session. The session that asks goes on; the person's other sessions end, and enrolment codes that they did not use.
   * API tokens stay unless `endTokens` asks otherwise, and so do second factor, certificate, telephone and OpenID Connect subject.
   * SIGN_IN_REFUSED when the present password is another, RATE_LIMITED as `signIn`. 修改密码
   */
  readonly changePassword: Scalars['Boolean']['output'];
  /** Says which box it was. The first answer stands; a second, different one is refused with CONFLICT. */
  readonly resolveObservation: ResolveObservationPayload;
  /** Tells an address of events from now on, or from `after`. Those who may read events; at most 20 of an organisation (LIMIT_EXCEEDED). */
  readonly createWebhook: CreateWebhookPayload;
  /** CONFLICT when its state does not know the command. */
  readonly commandWebhook: WebhookPayload;
  /** Draws a new secret. Those who may read events, for endpoints of their organisation. */
  readonly replaceWebhookSecret: ReplaceWebhookSecretPayload;
  /** Delivers everything behind a journalCursor, once more where it was delivered before. */
  readonly replayWebhook: WebhookPayload;
  /** Tries one event once more, a dead letter too. */
  readonly retryWebhookDelivery: WebhookPayload;
  /** Lets another company see a shipment's boxes, or one of them, for a stretch within your own window, and no more than you see. What you were granted is not yours to grant. Administrators of a company that is its shipper, forwarder, carrier or consignee, and whose name is verified (ORGANISATION_NOT_VERIFIED). At most 100 that stand for one shipment (LIMIT_EXCEEDED). */
  readonly grantWindow: WindowGrantPayload;
  /** Ends a grant at once. Administrators of the company that gave it. */
  readonly withdrawWindow: WindowGrantPayload;
};

export type MutationAcknowledgeAlertArgs = {
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationCreateApiTokenArgs = {
  input: CreateApiTokenInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRevokeApiTokenArgs = {
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationOfferAuditArchiveArgs = {
  until: Scalars['DateTime']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRemoveArchivedAuditArgs = {
  archiveId: Scalars['ID']['input'];
  sha256: Scalars['String']['input'];
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

export type MutationTargetContainerArgs = {
  input: TargetContainerInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationWithdrawTargetArgs = {
  targetId: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationNoticeTargetArgs = {
  targetId: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationReleaseTargetArgs = {
  targetId: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRegisterOrganisationArgs = {
  input: RegisterOrganisationInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationSubmitPapersArgs = {
  input: SubmitPapersInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationBeginVerificationArgs = {
  organisation: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationVerifyOrganisationArgs = {
  organisation: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRejectOrganisationArgs = {
  organisation: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationSuspendOrganisationArgs = {
  organisation: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationLiftSuspensionArgs = {
  organisation: Scalars['ID']['input'];
  reason: Scalars['String']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationAddPersonArgs = {
  input: AddPersonInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationChangePersonArgs = {
  person: Scalars['ID']['input'];
  input: ChangePersonInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationResetCredentialsArgs = {
  person: Scalars['ID']['input'];
  secondFactor: Scalars['Boolean']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationErasePersonArgs = {
  person: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRunSandboxScriptArgs = {
  script: SandboxScript;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationConfirmSecondFactorArgs = {
  code: Scalars['String']['input'];
};

export type MutationVerifySecondFactorArgs = {
  code: Scalars['String']['input'];
};

export type MutationCreateServiceAccountArgs = {
  input: CreateServiceAccountInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationCloseServiceAccountArgs = {
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationSwitchMembershipArgs = {
  organisation: Scalars['ID']['input'];
  role: Role;
};

export type MutationRevokeSessionArgs = {
  id: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRevokeSessionsArgs = {
  person?: InputMaybe<Scalars['ID']['input']>;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationBookShipmentArgs = {
  input: BookShipmentInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationSwapContainerArgs = {
  input: SwapContainerInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationRollOverArgs = {
  input: RollOverInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationSplitShipmentArgs = {
  input: SplitShipmentInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationMergeShipmentsArgs = {
  input: MergeShipmentsInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationEndShipmentArgs = {
  shipment: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationReleaseContainerArgs = {
  input: ReleaseContainerInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationSignInArgs = {
  input: SignInInput;
};

export type MutationEnrolArgs = {
  input: EnrolInput;
};

export type MutationRequestPhoneCodeArgs = {
  phone: Scalars['String']['input'];
};

export type MutationSignInByPhoneArgs = {
  phone: Scalars['String']['input'];
  code: Scalars['String']['input'];
};

export type MutationSignInByCertificateArgs = {
  input: SignInByCertificateInput;
};

export type MutationRedeemSignInArgs = {
  code: Scalars['String']['input'];
};

export type MutationChangePasswordArgs = {
  present: Scalars['String']['input'];
  next: Scalars['String']['input'];
  endTokens: Scalars['Boolean']['input'];
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

export type MutationGrantWindowArgs = {
  input: GrantWindowInput;
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type MutationWithdrawWindowArgs = {
  grant: Scalars['ID']['input'];
  idempotencyKey: Scalars['IdempotencyKey']['input'];
};

export type Subscription = {
  /** Gate operators only. */
  readonly alertRaised: Alert;
  /** Each pass once it closed and is stored. Gate operators, port monitors and customs only. */
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

/** What an API token may be used for, whatever its holder may do. A session may be used for all of it. 权限范围 */
export type Scope =
  /** Queries, but for those of WEBHOOKS and MANAGE. */
  | 'READ'
  /** Mutations, but for those of WEBHOOKS and MANAGE, and those about a session itself, which take no API token. */
  | 'WRITE'
  /** Subscriptions. */
  | 'SUBSCRIBE'
  /** Lists as files; each needs the scope of its list too. */
  | 'EXPORT'
  /** Webhooks: ask for them, make and change them. A webhook that was made with an API token ends with that token. */
  | 'WEBHOOKS'
  /** People, organisations and their papers, service accounts, sessions, API tokens and keys of gateways: queries and mutations. */
  | 'MANAGE';

/** Whether a person or a program asks. 主体类型 */
export type PrincipalKind =
  /** Somebody with memberships, who signs in. 人员 */
  | 'PERSON'
  /** A program that acts for an organisation. */
  | 'SERVICE_ACCOUNT';

/** A token for programs, without itself. 接口令牌 */
export type ApiToken = {
  /** A uuid, for `revokeApiToken`; it is no node. */
  readonly id: Scalars['ID']['output'];
  /** Whose it is: a person's, or a service account's. */
  readonly holderKind: PrincipalKind;
  /** As the holder's own `Viewer.id`, which a service account has too; `apiTokens(holder)` takes it. */
  readonly holderId: Scalars['ID']['output'];
  /** A person's name, or a service account's; the reference of a person who was erased. */
  readonly holderName: Scalars['String']['output'];
  /** Id of the organisation that it acts for. */
  readonly organisationId: Scalars['ID']['output'];
  /** In which it acts, whatever other roles its holder has. */
  readonly role: Role;
  /** What its holder calls it. */
  readonly name: Scalars['String']['output'];
  /** Of what its role may, what it is good for. 权限范围 */
  readonly scopes: ReadonlyArray<Scope>;
  readonly createdAt: Scalars['DateTime']['output'];
  /** null: the demonstration's. */
  readonly expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** When it was revoked, by itself, with its holder, or with the token that it was drawn with; null: it was not. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** The uuid of the API token that asked for it: it ends with that. null: drawn in a session or at the machine, or before this was kept. */
  readonly drawnWith: Maybe<Scalars['ID']['output']>;
};

export type ApiTokenConnection = {
  readonly edges: ReadonlyArray<ApiTokenEdge>;
  readonly nodes: ReadonlyArray<ApiToken>;
  readonly pageInfo: PageInfo;
};

export type ApiTokenEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: ApiToken;
};

/** For whom a token is drawn, for what and until when. */
export type CreateApiTokenInput = {
  /** At most 100 characters. */
  readonly name: Scalars['String']['input'];
  /** At least one; none that the asking credential lacks. */
  readonly scopes: ReadonlyArray<Scope>;
  /** 365 days ahead at most. */
  readonly expiresAt: Scalars['DateTime']['input'];
  /** A service account that the asker manages; without one the token is the asker's, in their present role. */
  readonly serviceAccount?: InputMaybe<Scalars['ID']['input']>;
};

export type CreateApiTokenPayload = {
  /** The bearer token, `bxt_…`: shown this once. null when the same idempotency key is asked again: it is stored nowhere. */
  readonly token: Maybe<Scalars['String']['output']>;
  /** What is kept of it. */
  readonly apiToken: ApiToken;
};

export type RevokeApiTokenPayload = {
  /** As it is now; one that was revoked before keeps its time. `apiTokens` tells of those that ended with it, by `drawnWith`. */
  readonly apiToken: ApiToken;
};

/** Who can do something that is recorded. */
export type AuditActorKind =
  /** A person in a role. 人员 */
  | 'PERSON'
  /** A gateway. 设备 */
  | 'DEVICE'
  /** A part of the service. 系统 */
  | 'SYSTEM';

/** Who did it. Names are not kept here: they can be erased. */
export type AuditActor = {
  /** What it is. */
  readonly kind: AuditActorKind;
  /** Of the person or gateway, or the part of the service. */
  readonly actorId: Scalars['String']['output'];
  /** Plain uuid of the organisation acted for; null for parts of the service and for whoever did not say who they are. */
  readonly organisationId: Maybe<Scalars['String']['output']>;
  /** The role acted in, as in `Role`; null as before. */
  readonly role: Maybe<Scalars['String']['output']>;
};

/** One link of the audit's chain. 审计记录 */
export type AuditRecord = {
  /** Its place in the chain, from 1, without gaps. */
  readonly sequence: Scalars['String']['output'];
  readonly recordedAt: Scalars['DateTime']['output'];
  /** Who did it. */
  readonly actor: AuditActor;
  /** `Query.events`, `Mutation.enrolGateway`, `Webhook.follow`, `SignIn.PASSWORD`, … */
  readonly operation: Scalars['String']['output'];
  /** What it was about: a type of this API. */
  readonly subjectType: Maybe<Scalars['String']['output']>;
  /** Ids, numbers and codes of what it was about; of lists the filter stands in `asked`. Not told of selections for inspection. */
  readonly subjectKeys: ReadonlyArray<Scalars['String']['output']>;
  /** Arguments and selection; texts of mutations that may hold secrets or names are masked. */
  readonly asked: Maybe<Scalars['Json']['output']>;
  /** How many rows the answer began with; null: a refusal, or a stream. */
  readonly rowCount: Maybe<Scalars['Int']['output']>;
  /** Why: the number of the case or inspection. 案件编号 */
  readonly caseNumber: Maybe<Scalars['String']['output']>;
  /** DONE, or the code of the error that was answered. */
  readonly outcome: Scalars['String']['output'];
  /** From where; null for parts of the service. */
  readonly address: Maybe<Scalars['String']['output']>;
  /** All records of one request have the same. */
  readonly requestId: Maybe<Scalars['String']['output']>;
  /** SHA-256 of the former record's hash and this record, hex. */
  readonly hash: Scalars['String']['output'];
};

export type AuditRecordConnection = {
  readonly edges: ReadonlyArray<AuditRecordEdge>;
  readonly nodes: ReadonlyArray<AuditRecord>;
  readonly pageInfo: PageInfo;
};

export type AuditRecordEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: AuditRecord;
};

/** All that is given must hold. */
export type AuditRecordFilter = {
  /** Id of a person or gateway, or a part of the service. */
  readonly actor?: InputMaybe<Scalars['String']['input']>;
  /** Whole, as `AuditRecord.operation` has it. */
  readonly operation?: InputMaybe<Scalars['String']['input']>;
  /** One of `subjectKeys`, such as a container number. */
  readonly subject?: InputMaybe<Scalars['String']['input']>;
  /** Whole, as it was told. 案件编号 */
  readonly caseNumber?: InputMaybe<Scalars['String']['input']>;
  /** DONE, or an error's code. */
  readonly outcome?: InputMaybe<Scalars['String']['input']>;
  readonly period?: InputMaybe<Period>;
};

/** How far an archive has come. */
export type AuditArchiveState =
  /** Can be fetched; its records are still here. 可下载 */
  | 'OFFERED'
  /** Its records are in the file alone. 已归档移除 */
  | 'REMOVED';

/** A period of the audit as a file of NDJSON: `GET /audit/v1/archives/{archiveId}`. 审计归档 */
export type AuditArchive = {
  /** Plain uuid, for the file's address and `removeArchivedAudit`. */
  readonly archiveId: Scalars['ID']['output'];
  readonly state: AuditArchiveState;
  readonly nextStates: ReadonlyArray<AuditArchiveState>;
  /** Of its first record. */
  readonly firstSequence: Scalars['String']['output'];
  /** Of its last record; none between is missing. */
  readonly lastSequence: Scalars['String']['output'];
  /** When its first record was made. */
  readonly firstAt: Scalars['DateTime']['output'];
  /** When its last record was made. */
  readonly lastAt: Scalars['DateTime']['output'];
  /** Of the record before its first one, hex. */
  readonly previousHash: Scalars['String']['output'];
  /** Of its last record, hex. */
  readonly lastHash: Scalars['String']['output'];
  /** When it was offered. */
  readonly madeAt: Scalars['DateTime']['output'];
  /** When its records were removed; null while they are here. */
  readonly removedAt: Maybe<Scalars['DateTime']['output']>;
};

export type AuditArchiveConnection = {
  readonly edges: ReadonlyArray<AuditArchiveEdge>;
  readonly nodes: ReadonlyArray<AuditArchive>;
  readonly pageInfo: PageInfo;
};

export type AuditArchiveEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: AuditArchive;
};

/** Whether the chain holds, over at most 50,000 records. */
export type AuditCheck = {
  /** From where it was looked at. */
  readonly firstSequence: Scalars['String']['output'];
  /** Up to where it was looked at. */
  readonly lastSequence: Scalars['String']['output'];
  /** Where the chain ends. */
  readonly headSequence: Scalars['String']['output'];
  /** Hash of the chain's last record, hex: kept elsewhere it proves later that nothing before it was made anew. */
  readonly headHash: Scalars['String']['output'];
  /** The first record that was changed, or behind which something is missing; null: the chain holds. */
  readonly brokenAt: Maybe<Scalars['String']['output']>;
};

export type AuditArchivePayload = {
  /** As it is now. */
  readonly archive: AuditArchive;
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

/** Where a box is, by the last fact that says so. 箱状态 */
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
  /** ISO 6346. 箱号 */
  readonly number: Scalars['ContainerNumber']['output'];
  /** ISO 6346 size and type, such as `45G1`. Gate operators and customs, and companies whose shipment says so. */
  readonly sizeType: Maybe<Scalars['String']['output']>;
  /** By the last fact that you may see. */
  readonly status: ContainerStatus;
  /** Where it was last known to be; null when you may see no fact. */
  readonly place: Maybe<ContainerPlace>;
  /** Newest first. */
  readonly events: TrackingEventConnection;
  /** Your shipments that it travels or travelled under. Customs see all. */
  readonly shipments: ReadonlyArray<Shipment>;
  /** All that is known of the box, oldest first: passes, tag bindings, readings, events, corrections. Gate operators, port monitors and customs only. */
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
  /** When it happened. */
  readonly at: Scalars['DateTime']['output'];
  /** EVENT, PASS, BINDING, OBSERVATION, RESOLUTION */
  readonly kind: Scalars['String']['output'];
  /** One sentence for a person. */
  readonly summary: Scalars['String']['output'];
  /** The same sentence in Chinese. 中文描述 */
  readonly summaryZh: Scalars['String']['output'];
  /** The event, the pass or, of a RESOLUTION, the unresolved observation; null for the other kinds, and for what you may not see. */
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

/** How a device's line stands. 设备状态 */
export type DeviceState =
  /** The line is being opened. 连接中 */
  | 'CONNECTING'
  /** The line is open. */
  | 'OPEN'
  /** The line was lost; waiting to open it again. */
  | 'WAITING'
  /** Its gateway has ended it. 已停止 */
  | 'STOPPED'
  /** Its gateway has not reported for 30 seconds. */
  | 'UNHEARD';

/** A reader, camera, lane controller or receiver, as its gateway last reported it. */
export type Device = Node & {
  readonly id: Scalars['ID']['output'];
  /** As its gateway's configuration names it, such as `CNNBO-BLYUA/G1-L3-UHF`. 设备编号 */
  readonly code: Scalars['String']['output'];
  readonly site: Site;
  readonly lane: Maybe<Lane>;
  readonly gatewayCode: Scalars['String']['output'];
  readonly state: DeviceState;
  /** When it came into this state. */
  readonly stateSince: Scalars['DateTime']['output'];
  readonly reportedAt: Scalars['DateTime']['output'];
  /** When it last sent a whole frame; null when it never did. */
  readonly lastFrameAt: Maybe<Scalars['DateTime']['output']>;
  /** Whole frames since its gateway started. */
  readonly frames: Scalars['Float']['output'];
  /** Frames that were not understood since then. */
  readonly rejected: Scalars['Float']['output'];
  /** Bytes that belonged to no frame since then. */
  readonly skippedBytes: Scalars['Float']['output'];
  /** How often its line was opened again since then. */
  readonly reconnects: Scalars['Int']['output'];
  /** The line's or device's last complaint, for a person. */
  readonly lastError: Maybe<Scalars['String']['output']>;
};

/** A gateway and its spool. */
export type Gateway = Node & {
  readonly id: Scalars['ID']['output'];
  /** As it calls itself. 网关编号 */
  readonly code: Scalars['String']['output'];
  readonly site: Site;
  readonly reportedAt: Scalars['DateTime']['output'];
  /** What it has read and not brought here yet, items. */
  readonly unsentItems: Scalars['Int']['output'];
  /** How old the oldest of these is; null when there are none. */
  readonly oldestUnsentAt: Maybe<Scalars['DateTime']['output']>;
  /** What its spool holds, bytes. */
  readonly spoolBytes: Scalars['Float']['output'];
  /** What its spool can hold, bytes. At the limit devices are told to wait. */
  readonly spoolMaxBytes: Scalars['Float']['output'];
  /** Records of its spool that were found damaged and passed over. */
  readonly damagedRecords: Scalars['Int']['output'];
};

/** What a gateway could not understand, kept for a person. */
export type RefusedInput = {
  readonly deviceCode: Scalars['String']['output'];
  readonly receivedAt: Scalars['DateTime']['output'];
  readonly reason: Scalars['String']['output'];
  /** What exactly was wrong, for a person. */
  readonly detail: Maybe<Scalars['String']['output']>;
  /** At most 256 bytes of it. */
  readonly hex: Maybe<Scalars['String']['output']>;
};

export type RefusedInputConnection = {
  readonly nodes: ReadonlyArray<RefusedInput>;
  readonly pageInfo: PageInfo;
};

/** Which way a truck went through a lane. 方向 */
export type Direction =
  /** Into the terminal. 进闸 */
  | 'IN'
  /** Out of the terminal. 出闸 */
  | 'OUT'
  /** The evidence does not tell, and nobody guesses: an exception for a person. */
  | 'UNKNOWN';

/** How a crossing ended. 过闸结果 */
export type PassOutcome =
  /** Accepted, and left by the lane's exit. Only this makes gate events. */
  | 'CROSSED'
  /** Turned away. */
  | 'REFUSED'
  /** Left by the side that it came from, without a refusal. */
  | 'TURNED_BACK'
  /** Left by the exit, and nobody accepted it, or nobody knows how it left: an exception for a person. */
  | 'UNDECIDED';

/** Who told of a pass. */
export type PassSource =
  /** The lane's devices. 设备采集 */
  | 'READERS'
  /** Reported by a person. */
  | 'HAND';

/** What the terminal's system or a person decided of a truck in a lane. 放行决定 */
export type PassDecision = {
  /** ACCEPTED or REFUSED. */
  readonly verdict: Scalars['String']['output'];
  /** Who decided: `TOS`, `OPERATOR` … */
  readonly by: Scalars['String']['output'];
  readonly reason: Maybe<Scalars['String']['output']>;
  /** When it was decided. */
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
  /** How it ended. */
  readonly outcome: PassOutcome;
  /** Who told of it. */
  readonly source: PassSource;
  readonly occurredAt: Scalars['DateTime']['output'];
  readonly closedAt: Scalars['DateTime']['output'];
  /** How long the lane was taken. */
  readonly laneTime: Scalars['Duration']['output'];
  readonly recordedAt: Scalars['DateTime']['output'];
  readonly truckPlate: Maybe<Scalars['String']['output']>;
  readonly containerNumbers: ReadonlyArray<Scalars['ContainerNumber']['output']>;
  /** Seals that were read, in capitals without blanks. 封志号 */
  readonly sealNumbers: ReadonlyArray<Scalars['String']['output']>;
  /** The truck's stay that it is part of; null when the truck is not known or was turned away at the entry. */
  readonly visit: Maybe<TruckVisit>;
  /** null when nobody decided. */
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
  /** What its lane saw and nobody could name. */
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

/** All that is given must hold. */
export type GatePassFilter = {
  readonly site?: InputMaybe<Scalars['String']['input']>;
  readonly gate?: InputMaybe<Scalars['String']['input']>;
  readonly lane?: InputMaybe<Scalars['String']['input']>;
  readonly truck?: InputMaybe<Scalars['LicencePlate']['input']>;
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  /** Through lanes of this zone. */
  readonly zone?: InputMaybe<Scalars['String']['input']>;
  readonly direction?: InputMaybe<Direction>;
  /** That ended in one of these ways. */
  readonly outcomes?: InputMaybe<ReadonlyArray<PassOutcome>>;
  /** Of boxes in their time under shipments with this booking number, for those who may see shipments; finds nothing for others. 订舱号 */
  readonly booking?: InputMaybe<Scalars['String']['input']>;
  /** The same by the bill of lading's number. 提单号 */
  readonly bill?: InputMaybe<Scalars['String']['input']>;
  /** At which this seal was read. 封志号 */
  readonly seal?: InputMaybe<Scalars['String']['input']>;
  /** Whose truck's plate or one of whose box numbers begins so, 2 to 100 characters; no character is a wildcard. 箱号或车牌前缀 */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** Only those that a person should look at. */
  readonly exceptionsOnly?: InputMaybe<Scalars['Boolean']['input']>;
  readonly period?: InputMaybe<Period>;
};

/** A pass as a person saw it. */
export type ReportPassInput = {
  /** `CNNBO-BLYUA/G1-L3` */
  readonly lane: Scalars['String']['input'];
  readonly direction: Direction;
  readonly truck: Scalars['LicencePlate']['input'];
  /** Plate of the trailer, at most 20 characters. 挂车号 */
  readonly chassis?: InputMaybe<Scalars['String']['input']>;
  /** The boxes on it, at most 4, each once; empty: none. */
  readonly containers: ReadonlyArray<ReportedContainer>;
  /** When the truck crossed the lane. */
  readonly occurredAt: Scalars['DateTime']['input'];
  /** Whether it was let through. */
  readonly verdict: PassVerdict;
  /** Why the readers did not tell it: `tag broken`. */
  readonly reason: Scalars['String']['input'];
};

/** A box as a person saw it. */
export type ReportedContainer = {
  /** ISO 6346. 箱号 */
  readonly number: Scalars['ContainerNumber']['input'];
  readonly fullness?: InputMaybe<Fullness>;
};

/** What was decided of a truck. 放行或拒绝 */
export type PassVerdict =
  /** It went through. 放行 */
  | 'ACCEPTED'
  /** It was turned away. 拒绝 */
  | 'REFUSED';

/** Whether a box holds cargo. 空重 */
export type Fullness =
  /** 重箱 */
  | 'LADEN'
  /** 空箱 */
  | 'EMPTY';

export type ReportPassPayload = {
  /** As it was stored. */
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
  /** When it first signed; null: not yet. */
  readonly firstUsedAt: Maybe<Scalars['DateTime']['output']>;
  /** It signs nothing from here on; null: until it is replaced or revoked. */
  readonly endsAt: Maybe<Scalars['DateTime']['output']>;
  /** Its gateway is told to ask for the next one since then. */
  readonly changeAskedAt: Maybe<Scalars['DateTime']['output']>;
  /** When a person took it away; null: nobody did. */
  readonly revokedAt: Maybe<Scalars['DateTime']['output']>;
  /** Why it was taken away. */
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

/** For which gateway a code is drawn. */
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
  /** The code is of no use from here on. */
  readonly expiresAt: Scalars['DateTime']['output'];
};

/** Which keys are ended, and why. */
export type RevokeGatewayKeysInput = {
  readonly gateway: Scalars['String']['input'];
  /** One key; null: all of them, and a code that was drawn and not used. */
  readonly keyId?: InputMaybe<Scalars['ID']['input']>;
  /** Why, 1 to 1,000 characters. 吊销原因 */
  readonly reason: Scalars['String']['input'];
};

export type ChangeGatewayKeyPayload = {
  /** The one that is to be changed. */
  readonly key: GatewayKey;
};

export type RevokeGatewayKeysPayload = {
  /** Those that were ended now. */
  readonly keys: ReadonlyArray<GatewayKey>;
};

/** How far a selection has come. */
export type InspectionTargetState =
  /** Chosen for inspection; known to customs of the district alone. 已布控 */
  | 'SELECTED'
  /** The inspection was announced: the box has an `InspectionNoticed` event. 已通知查验 */
  | 'NOTIFIED'
  /** Customs are done with the box: it has an `InspectionReleased` event. 查验放行 */
  | 'RELEASED'
  /** Given up before anybody was told. 已撤销布控 */
  | 'WITHDRAWN';

/** A box that customs selected for inspection at a site. Nobody else is told of it, in whatever way, before its notice. 布控 */
export type InspectionTarget = {
  /** Plain uuid, for the mutations that take a selection further. */
  readonly targetId: Scalars['ID']['output'];
  readonly containerNumber: Scalars['ContainerNumber']['output'];
  readonly site: Site;
  readonly state: InspectionTargetState;
  /** Where it may go from here. */
  readonly nextStates: ReadonlyArray<InspectionTargetState>;
  /** The case for which it was selected. 案件编号 */
  readonly caseNumber: Scalars['String']['output'];
  readonly reason: Scalars['String']['output'];
  /** When it was selected. */
  readonly selectedAt: Scalars['DateTime']['output'];
  /** When the inspection was announced; null before, and for one that was withdrawn. */
  readonly notifiedAt: Maybe<Scalars['DateTime']['output']>;
  /** When it was released or withdrawn. */
  readonly endedAt: Maybe<Scalars['DateTime']['output']>;
};

export type InspectionTargetConnection = {
  readonly edges: ReadonlyArray<InspectionTargetEdge>;
  readonly nodes: ReadonlyArray<InspectionTarget>;
  readonly pageInfo: PageInfo;
};

export type InspectionTargetEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: InspectionTarget;
};

/** What is to be inspected, where and why. */
export type TargetContainerInput = {
  /** A box that nobody has seen yet may be selected too. */
  readonly container: Scalars['ContainerNumber']['input'];
  /** Code of a site of the office's district. 码头代码 */
  readonly site: Scalars['String']['input'];
  /** Why, 1 to 1,000 characters. 布控理由 */
  readonly reason: Scalars['String']['input'];
};

export type InspectionTargetPayload = {
  /** As it is now. */
  readonly target: InspectionTarget;
};

/** Where an organisation is in its real-name verification (实名认证). */
export type OrganisationState =
  /** Known by name; its papers are not handed in. 已注册 */
  | 'REGISTERED'
  /** All papers that its kind needs are handed in. 已提交 */
  | 'SUBMITTED'
  /** The platform operator compares them with their issuers. 核验中 */
  | 'VERIFYING'
  /** A member: it may book, and may be a party or be granted a window. 已认证 */
  | 'VERIFIED'
  /** The papers were not found right; new ones may be handed in. 已驳回 */
  | 'REJECTED'
  /** A paper that it needs has run out. 证照过期 */
  | 'EXPIRED'
  /** Nobody acts for it or reads in its name (ORGANISATION_SUSPENDED). 已停用 */
  | 'SUSPENDED';

/** A paper that an organisation can hand in; behind it, who is not verified without it. 证照类型 */
export type PaperKind =
  /** 营业执照: companies, terminals, banks, the port group */
  | 'BUSINESS_LICENCE'
  /** 法定代表人身份证件: logistics companies */
  | 'LEGAL_PERSON_ID'
  /** 统一社会信用代码证书: customs and quarantine offices */
  | 'INSTITUTION_CERTIFICATE'
  /** 港口经营许可证: terminals */
  | 'PORT_OPERATION_LICENCE'
  /** 金融许可证: banks */
  | 'FINANCIAL_LICENCE'
  /** 道路运输经营许可证 */
  | 'ROAD_TRANSPORT_LICENCE'
  /** 国际货运代理企业备案 */
  | 'FREIGHT_FORWARDER_FILING'
  /** 无船承运业务备案 */
  | 'CARRIER_FILING';

/** What the platform operator found of a paper; it is never changed. 核验结论 */
export type PaperVerdict =
  /** Found right: it counts from its first day to its last. 通过 */
  | 'ACCEPTED'
  /** Not found right: it never counts. 不通过 */
  | 'REFUSED';

/** A paper that an organisation handed in. */
export type OrganisationPaper = {
  /** Which paper. 证照类型 */
  readonly kind: PaperKind;
  /** Of a person's paper the last four characters alone. */
  readonly number: Scalars['String']['output'];
  /** The authority that issued it. 发证机关 */
  readonly issuer: Scalars['String']['output'];
  /** Included. */
  readonly validFrom: Scalars['DateTime']['output'];
  /** Not included; null: without an end. */
  readonly validTo: Maybe<Scalars['DateTime']['output']>;
  /** Where the copy lies. */
  readonly documentRef: Scalars['String']['output'];
  /** When it was handed in. */
  readonly submittedAt: Scalars['DateTime']['output'];
  /** null: nobody has looked at it yet. */
  readonly verdict: Maybe<PaperVerdict>;
  /** The person whose verdict it is; null: nobody has looked at it yet. */
  readonly verifiedBy: Maybe<Scalars['ID']['output']>;
  /** When the verdict was given; null: nobody has looked at it yet. */
  readonly verifiedAt: Maybe<Scalars['DateTime']['output']>;
};

/** What leads an organisation from one state to another. 认证操作 */
export type OrganisationCommand =
  /** `registerOrganisation`: it became known. 注册 */
  | 'REGISTER'
  /** `submitPapers`. 提交证照 */
  | 'SUBMIT'
  /** `beginVerification`. 开始核验 */
  | 'BEGIN'
  /** `verifyOrganisation`. 通过 */
  | 'VERIFY'
  /** `rejectOrganisation`. 驳回 */
  | 'REJECT'
  /** By the service itself: a paper that the kind needs has run out. 到期 */
  | 'EXPIRE'
  /** `suspendOrganisation`. 停用 */
  | 'SUSPEND'
  /** `liftSuspension`. 解除停用 */
  | 'LIFT';

/** A step from one state to another. None is ever changed or removed. */
export type OrganisationTransition = {
  /** What was done. */
  readonly command: OrganisationCommand;
  /** null: it was not there before. */
  readonly fromState: Maybe<OrganisationState>;
  /** Where it led; `fromState` again when verified papers were renewed. */
  readonly toState: OrganisationState;
  /** When it was done. */
  readonly at: Scalars['DateTime']['output'];
  /** The person who said so; null: the service itself, when a paper had run out. */
  readonly by: Maybe<Scalars['ID']['output']>;
  /** Of REJECT, EXPIRE, SUSPEND and LIFT; null for the others. */
  readonly reason: Maybe<Scalars['String']['output']>;
};

/** Whom people work for. One's own, and parties of shipments that one sees. 机构 */
export type Organisation = Node & {
  /** By which others name it in a booking, as well as by its credit code. */
  readonly code: Scalars['String']['output'];
  /** 统一社会信用代码 */
  readonly creditCode: Maybe<Scalars['CreditCode']['output']>;
  /** Where its real-name verification stands. 认证状态 */
  readonly state: OrganisationState;
  /** When it came into its state; renewed papers leave a verified one's as it was. */
  readonly stateSince: Scalars['DateTime']['output'];
  /** Where it may go from here. Its own administrators, platform operators and security administrators. */
  readonly nextStates: Maybe<ReadonlyArray<OrganisationState>>;
  /** What its kind is not verified without. The same. */
  readonly requiredPapers: Maybe<ReadonlyArray<PaperKind>>;
  /** The 100 newest, newest first. The same. */
  readonly papers: Maybe<ReadonlyArray<OrganisationPaper>>;
  /** The 100 newest steps, newest first. The same. */
  readonly history: Maybe<ReadonlyArray<OrganisationTransition>>;
  readonly id: Scalars['ID']['output'];
  /** What it is. */
  readonly kind: OrganisationKind;
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
};

export type OrganisationConnection = {
  readonly edges: ReadonlyArray<OrganisationEdge>;
  readonly nodes: ReadonlyArray<Organisation>;
  readonly pageInfo: PageInfo;
};

export type OrganisationEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: Organisation;
};

/** That a paper of a verified organisation runs out: told 30, 7 and 1 days before, and when it has. */
export type PaperAlert = {
  /** Whose paper it is. */
  readonly organisation: Organisation;
  /** The one that runs out. */
  readonly paper: OrganisationPaper;
  /** 0: it has run out, and the organisation is EXPIRED when it needs the paper. */
  readonly daysBefore: Scalars['Int']['output'];
  /** When the service noticed; once for each paper and distance. */
  readonly raisedAt: Scalars['DateTime']['output'];
};

export type PaperAlertConnection = {
  readonly edges: ReadonlyArray<PaperAlertEdge>;
  readonly nodes: ReadonlyArray<PaperAlert>;
  readonly pageInfo: PageInfo;
};

export type PaperAlertEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: PaperAlert;
};

/** An organisation by its name, which nobody has verified yet. */
export type RegisterOrganisationInput = {
  /** It stays; which papers are needed follows from it. */
  readonly kind: OrganisationKind;
  /** 1 to 200 characters. */
  readonly name: Scalars['String']['input'];
  /** 1 to 200 characters. */
  readonly nameZh: Scalars['String']['input'];
  /** 统一社会信用代码. It becomes the `code` too. */
  readonly creditCode: Scalars['CreditCode']['input'];
};

/** A paper as its issuer wrote it, and where its copy lies. 证照 */
export type PaperInput = {
  /** Which paper. 证照类型 */
  readonly kind: PaperKind;
  /** 1 to 100 characters; of a LEGAL_PERSON_ID the last four alone. */
  readonly number: Scalars['String']['input'];
  /** 1 to 200 characters. */
  readonly issuer: Scalars['String']['input'];
  /** Included; one that is not valid yet does not stand for a paper that is needed. */
  readonly validFrom: Scalars['DateTime']['input'];
  /** Not included; null: without an end. */
  readonly validTo?: InputMaybe<Scalars['DateTime']['input']>;
  /** Where the copy lies, 1 to 500 characters. */
  readonly documentRef: Scalars['String']['input'];
};

/** Papers for one organisation, taken all or none. */
export type SubmitPapersInput = {
  /** null: your own. Platform operators may hand in papers for others, and then not judge them. */
  readonly organisation?: InputMaybe<Scalars['ID']['input']>;
  /** 1 to 20. */
  readonly papers: ReadonlyArray<PaperInput>;
};

export type OrganisationPayload = {
  /** As it is now. */
  readonly organisation: Organisation;
};

/** Who becomes a member, as what, and by what they are found when they sign in. What is given is kept sealed. */
export type AddPersonInput = {
  /** 1 to 200 characters. */
  readonly displayName: Scalars['String']['input'];
  /** Where the role has its place. The three administrators of the system are added by `npx boxtrail person add` alone. */
  readonly role: Role;
  /** The asker's own without one. */
  readonly organisation?: InputMaybe<Scalars['ID']['input']>;
  /** Of nobody else; case does not matter. Without one the person chooses it at `enrol`. */
  readonly loginName?: InputMaybe<Scalars['String']['input']>;
  /** E-mail address, at most 254 characters. Nobody signs in by it. 电子邮箱 */
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /** E.164, or a mobile number of the mainland without its country; of nobody else. */
  readonly phone?: InputMaybe<Scalars['String']['input']>;
  /** PEM, for `signInByCertificate`: the person is found by its key, also when it was renewed. */
  readonly certificate?: InputMaybe<Scalars['String']['input']>;
  /** For sign-in at an OpenID Connect issuer. */
  readonly oidc?: InputMaybe<OidcSubjectInput>;
};

/** Whom an OpenID Connect issuer means. Nobody else may have the same (CONFLICT). */
export type OidcSubjectInput = {
  /** The issuer's address, as in the operator's configuration: `https://…`. */
  readonly issuer: Scalars['String']['input'];
  /** The value of the claim that the configuration names. */
  readonly subject: Scalars['String']['input'];
};

/** What is given takes the place of what is there; the rest stays. */
export type ChangePersonInput = {
  /** 1 to 200 characters. 姓名 */
  readonly displayName?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 100 characters, of nobody else (CONFLICT); case does not matter. 登录名 */
  readonly loginName?: InputMaybe<Scalars['String']['input']>;
  /** As in `addPerson`. 电子邮箱 */
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /** As in `addPerson`, of nobody else (CONFLICT). 手机号 */
  readonly phone?: InputMaybe<Scalars['String']['input']>;
  /** PEM; one with another key takes the place of the one before. 数字证书 */
  readonly certificate?: InputMaybe<Scalars['String']['input']>;
  /** In the place of the issuer and subject before: a person has one. 统一身份认证 */
  readonly oidc?: InputMaybe<OidcSubjectInput>;
};

export type ChangePersonPayload = {
  readonly personId: Scalars['ID']['output'];
};

export type AddPersonPayload = {
  readonly personId: Scalars['ID']['output'];
  /** For `enrol`, `bxe_…`: shown this once, taken once, within 72 hours. null when the same idempotency key is asked again. */
  readonly code: Maybe<Scalars['String']['output']>;
};

export type ResetCredentialsPayload = {
  /** As that of `addPerson`. */
  readonly code: Maybe<Scalars['String']['output']>;
};

export type ErasePersonPayload = {
  /** The reference, by which journal and audit go on naming the person. */
  readonly personId: Scalars['ID']['output'];
};

/** A container terminal, by its SMDG code. */
export type Site = Node & {
  readonly id: Scalars['ID']['output'];
  /** `CNNBO-BLYUA` */
  readonly code: Scalars['String']['output'];
  /** Of its port. */
  readonly unLocode: Scalars['UnLocode']['output'];
  /** Of the SMDG terminal code list, unique within the port. */
  readonly smdgCode: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
  readonly longitude: Scalars['Longitude']['output'];
  readonly latitude: Scalars['Latitude']['output'];
};

/** What a zone is for. 区域类型 */
export type ZoneKind =
  /** All of a terminal. 码头 */
  | 'TERMINAL'
  /** Where the lanes are. 闸口 */
  | 'GATE'
  /** Where boxes stand. 堆场 */
  | 'YARD'
  /** Where a vessel lies. 泊位 */
  | 'BERTH'
  /** Under customs' seal. 保税区 */
  | 'BONDED_AREA'
  /** Where wagons are loaded. 铁路站 */
  | 'RAIL_STATION'
  /** A stretch of road with its width. 道路 */
  | 'ROAD'
  /** Where trucks wait. 停车场 */
  | 'TRUCK_PARK';

/** An area with an edge: what enters and leaves it makes events. 区域 */
export type Zone = Node & {
  readonly id: Scalars['ID']['output'];
  /** `CNNBO-BLYUA/TERMINAL` */
  readonly code: Scalars['String']['output'];
  /** What it is for. */
  readonly kind: ZoneKind;
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
  readonly site: Site;
  /** GeoJSON geometry, or `{corridor, halfWidthM}`. */
  readonly geometry: Scalars['Json']['output'];
  /** How far outside of the edge an asset must be before it has left, metres. */
  readonly bufferM: Scalars['Float']['output'];
  /**
   * The same as dwell, milliseconds.
   * @deprecated Use dwell.
   */
  readonly dwellMs: Scalars['Int']['output'];
  /** How long an asset must stay on its new side of the zone's edge before it has entered or left. */
  readonly dwell: Scalars['Duration']['output'];
};

/** A gate of a terminal, with its lanes. 闸口 */
export type Gate = Node & {
  readonly id: Scalars['ID']['output'];
  /** `CNNBO-BLYUA/G1` */
  readonly code: Scalars['String']['output'];
  readonly name: Scalars['String']['output'];
  readonly nameZh: Scalars['String']['output'];
  readonly site: Site;
  /** In the order of their numbers. */
  readonly lanes: ReadonlyArray<Lane>;
};

/** Which way a lane is built to be driven. 车道方向 */
export type LaneDirection =
  /** Into the terminal. 进 */
  | 'IN'
  /** Out of the terminal. 出 */
  | 'OUT'
  /** Either way, as the hour asks. 可变 */
  | 'REVERSIBLE';

/** One lane of a gate: one truck at a time. 车道 */
export type Lane = Node & {
  readonly id: Scalars['ID']['output'];
  /** `CNNBO-BLYUA/G1-L3` */
  readonly code: Scalars['String']['output'];
  /** As it stands over the lane. */
  readonly number: Scalars['Int']['output'];
  readonly direction: LaneDirection;
  readonly gate: Gate;
  /** The passes of this lane, newest first. Gate operators, port monitors and customs only. */
  readonly passes: GatePassConnection;
  /** Its readers, cameras and the rest, as their gateway last told of them. */
  readonly devices: ReadonlyArray<Device>;
};

/** One lane of a gate: one truck at a time. 车道 */
export type LanePassesArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A story that a sandbox can play; `sandboxScripts` says what each plays and what to expect. 沙箱脚本 */
export type SandboxScript =
  /** 重箱进闸 */
  | 'GATE_IN_EXPORT_FULL'
  /** 进口箱出闸 */
  | 'GATE_OUT_IMPORT'
  /** 过闸被拒 */
  | 'REFUSED_PASS'
  /** 箱号校验码错误 */
  | 'BAD_CHECK_DIGIT'
  /** 迟到的事件 */
  | 'LATE_EVENT'
  /** 被撤销的事件 */
  | 'WITHDRAWN_EVENT';

/** What a script plays, and what each of a sandbox's people then sees. */
export type SandboxScriptSheet = {
  /** Which one. */
  readonly script: SandboxScript;
  /** The story, in English. */
  readonly plays: Scalars['String']['output'];
  /** The story, in Chinese. 脚本说明 */
  readonly playsZh: Scalars['String']['output'];
  /** One sentence for each of those who see something. */
  readonly expects: ReadonlyArray<Scalars['String']['output']>;
};

/** What one run of a script played; everything in it is of this run alone. */
export type SandboxRun = {
  /** Which one was played. */
  readonly script: SandboxScript;
  readonly site: Site;
  readonly containerNumber: Scalars['ContainerNumber']['output'];
  readonly truckPlate: Scalars['LicencePlate']['output'];
  /** On the box. 封志号 */
  readonly sealNumber: Scalars['String']['output'];
  /** The sandbox company's shipment that the box travels under. */
  readonly shipmentReference: Scalars['String']['output'];
  /** Where the journal ended before the run: `eventRecorded(after)` and a webhook's replay from here tell all of it. */
  readonly journalCursor: Scalars['String']['output'];
  /** As `sandboxScripts` has it. */
  readonly expects: ReadonlyArray<Scalars['String']['output']>;
};

export type RunSandboxScriptPayload = {
  /** What was played; it is stored when this is answered. */
  readonly run: SandboxRun;
};

export type OfferSecondFactorPayload = {
  /** Base32, to be typed into an authenticator app: TOTP (RFC 6238), SHA-1, six digits, 30 seconds. */
  readonly secret: Scalars['String']['output'];
  /** `otpauth://…`, to be shown as a picture. */
  readonly uri: Scalars['String']['output'];
};

export type ConfirmSecondFactorPayload = {
  /** Ten codes, each of which stands in once for one of the authenticator: shown this once. */
  readonly recoveryCodes: ReadonlyArray<Scalars['String']['output']>;
  /** The same session under a new token, its second factor passed. */
  readonly session: SignInPayload;
};

/** A program that acts for an organisation in one role; it has API tokens and no password. 服务账号 */
export type ServiceAccount = {
  /** A uuid, for `createApiToken` and `closeServiceAccount`; it is no node. */
  readonly id: Scalars['ID']['output'];
  /** Id of the organisation that it acts for. */
  readonly organisationId: Scalars['ID']['output'];
  /** In which it acts; it has no other. */
  readonly role: Role;
  /** What its administrators call it. */
  readonly name: Scalars['String']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** When it was closed, for good; null: it is open. */
  readonly closedAt: Maybe<Scalars['DateTime']['output']>;
};

export type ServiceAccountConnection = {
  readonly edges: ReadonlyArray<ServiceAccountEdge>;
  readonly nodes: ReadonlyArray<ServiceAccount>;
  readonly pageInfo: PageInfo;
};

export type ServiceAccountEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: ServiceAccount;
};

/** A program, what it is called and as what it acts. */
export type CreateServiceAccountInput = {
  /** 1 to 100 characters. */
  readonly name: Scalars['String']['input'];
  /** GATE_OPERATOR, PORT_MONITOR, LOGISTICS, CUSTOMS_OFFICER, QUARANTINE_OFFICER or BANK_OFFICER, where the organisation is of its kind. */
  readonly role: Role;
  /** The asker's own without one. */
  readonly organisation?: InputMaybe<Scalars['ID']['input']>;
};

export type CreateServiceAccountPayload = {
  /** It has no token yet. */
  readonly serviceAccount: ServiceAccount;
};

export type CloseServiceAccountPayload = {
  /** As it is now; one that was closed before keeps its time. */
  readonly serviceAccount: ServiceAccount;
};

/** A person signed in, without the token. 会话 */
export type Session = {
  /** A uuid, for `revokeSession`; it is no node. */
  readonly id: Scalars['ID']['output'];
  readonly personId: Scalars['ID']['output'];
  /** Id of the organisation that it acts for; `switchMembership` changes it. */
  readonly organisationId: Scalars['ID']['output'];
  /** In which it acts; `switchMembership` changes it. */
  readonly role: Role;
  /** How it was begun. 登录方式 */
  readonly method: SignInMethod;
  /** Remote address of the sign-in; null when it was not known. */
  readonly address: Maybe<Scalars['String']['output']>;
  /** That a second factor was shown in it, or that its way of signing in counts as two. */
  readonly hasSecondFactor: Scalars['Boolean']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** To the minute. */
  readonly usedAt: Scalars['DateTime']['output'];
  /** At the latest; before that, an hour after `usedAt`. */
  readonly endsAt: Scalars['DateTime']['output'];
  /** That this question was asked in it; false when an API token asks. */
  readonly isThisOne: Scalars['Boolean']['output'];
};

export type RevokeSessionsPayload = {
  /** How many had not ended yet. */
  readonly ended: Scalars['Int']['output'];
};

/** What has an id of its own for ever. */
export type Node = {
  readonly id: Scalars['ID']['output'];
};

/** Whether and where a list goes on. */
export type PageInfo = {
  /** There is more behind this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Give it as `after` for the next page; null for an empty page. */
  readonly endCursor: Maybe<Scalars['String']['output']>;
};

/** A stretch of time, `from` included and `to` not. Either end may be left open. */
export type Period = {
  /** Included; null: from the beginning. */
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Not included; null: without an end. */
  readonly to?: InputMaybe<Scalars['DateTime']['input']>;
};

/** What was done to a shipment. */
export type ShipmentChangeKind =
  /** 已订舱: booked with its boxes and parties. */
  | 'BOOKED'
  /** 换箱: another box goes instead of one. */
  | 'CONTAINER_SWAPPED'
  /** 转船期: it goes with another voyage. */
  | 'ROLLED_OVER'
  /** 拆票: some of its boxes go under a shipment of their own. */
  | 'SPLIT'
  /** 并票: all boxes of one go under another. */
  | 'MERGED'
  /** 平台解除占箱: the platform operator took out a box that it held on to. */
  | 'CONTAINER_RELEASED'
  /** 已结束: its time is over. */
  | 'ENDED';

/** A step of a shipment. None is ever changed or removed. */
export type ShipmentChange = {
  /** What was done. */
  readonly kind: ShipmentChangeKind;
  /** When it was done. */
  readonly at: Scalars['DateTime']['output'];
  /** The person who did it. */
  readonly by: Scalars['ID']['output'];
  /** The company for which; null for one that is not yours to know. */
  readonly organisation: Maybe<Organisation>;
  readonly details: Scalars['Json']['output'];
};

/** Goods under way in their boxes. Its parties, and customs. 运单 */
export type Shipment = Node & {
  /** The 200 newest, newest first. Empty for parties whose part does not need it: consignees, hauliers and guests. */
  readonly history: ReadonlyArray<ShipmentChange>;
  readonly id: Scalars['ID']['output'];
  /** What its company calls it. */
  readonly reference: Scalars['String']['output'];
  /** The carrier's booking; null when there is none or it is not yours to know. 订舱号 */
  readonly bookingNumber: Maybe<Scalars['String']['output']>;
  /** Bill of lading; null when there is none or it is not yours to know. 提单号 */
  readonly billNumber: Maybe<Scalars['String']['output']>;
  /** Export or import. */
  readonly trade: Trade;
  /** How far it is. */
  readonly status: ShipmentStatus;
  /** Those that you may know of. */
  readonly parties: ReadonlyArray<ShipmentParty>;
  /** Its boxes, by number. */
  readonly containers: ReadonlyArray<ShipmentContainer>;
  /** Its way, in order. */
  readonly legs: ReadonlyArray<Leg>;
  /** All points on its way, in order. */
  readonly milestones: ReadonlyArray<Milestone>;
  /** Those that may still happen, in order: not reached by every box, and none behind them reached. */
  readonly milestonesToCome: ReadonlyArray<Milestone>;
  /** Events of its boxes in their windows, newest first. */
  readonly events: TrackingEventConnection;
};

/** Goods under way in their boxes. Its parties, and customs. 运单 */
export type ShipmentEventsArgs = {
  first: Scalars['Int']['input'];
  after?: InputMaybe<Scalars['String']['input']>;
};

/** A box's time under a shipment. */
export type ShipmentContainer = {
  /** When it went out of the shipment, swapped or released; null while it belongs to it. */
  readonly leftAt: Maybe<Scalars['DateTime']['output']>;
  /** ISO 6346. 箱号 */
  readonly number: Scalars['ContainerNumber']['output'];
  readonly fullness: Maybe<Fullness>;
  readonly container: Container;
  /** Its events are the shipment's from here on, included. */
  readonly windowFrom: Scalars['DateTime']['output'];
  /** Up to here, not included; null: until further notice. */
  readonly windowTo: Maybe<Scalars['DateTime']['output']>;
};

/** A box of the booking, named once (INVALID_INPUT). */
export type BookedContainerInput = {
  /** ISO 6346. 箱号 */
  readonly number: Scalars['ContainerNumber']['input'];
  readonly fullness?: InputMaybe<Fullness>;
};

/** Another company and its part; a company may have several parts, each once (INVALID_INPUT). 当事方 */
export type BookedPartyInput = {
  /** Its code or unified social credit code; a company whose name is verified. */
  readonly organisation: Scalars['String']['input'];
  /** As what it takes part, from which follows what it sees and may do. 当事方角色 */
  readonly role: PartyRole;
  /** null: all boxes of the booking. */
  readonly containers?: InputMaybe<ReadonlyArray<Scalars['ContainerNumber']['input']>>;
  /** Of a HAULIER, and needed: it sees its boxes from the pick-up on, and not before the booking. */
  readonly pickUpAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Of a HAULIER, and needed: it sees its boxes until the delivery. */
  readonly deliverBy?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A part of the way; its place in the list is its ordinal, from 1. 运输段 */
export type LegInput = {
  /** By what it goes. 运输方式 */
  readonly mode: LegMode;
  /** UN/LOCODE or name, 1 to 100 characters. */
  readonly fromPlace: Scalars['String']['input'];
  /** UN/LOCODE or name, 1 to 100 characters. */
  readonly toPlace: Scalars['String']['input'];
  /** Her name, 1 to 100 characters; null where none sails or is known. 船名 */
  readonly vessel?: InputMaybe<Scalars['String']['input']>;
  /** The carrier's number of her journey, 1 to 100 characters; null where none sails or is known. 航次 */
  readonly voyage?: InputMaybe<Scalars['String']['input']>;
};

/** A point on the way; its place in the list is its ordinal, from 1. NOT_FOUND for a site or zone that does not exist. */
export type MilestoneInput = {
  /** DCSA code, four letters. */
  readonly code: Scalars['String']['input'];
  /** Code of the terminal; null: at any. */
  readonly site?: InputMaybe<Scalars['String']['input']>;
  /** Code of the zone; null: in any. */
  readonly zone?: InputMaybe<Scalars['String']['input']>;
  /** When it is to be reached; null: nobody planned it. */
  readonly plannedAt?: InputMaybe<Scalars['DateTime']['input']>;
};

/** A shipment with its boxes, parties, way and plan. 订舱 */
export type BookShipmentInput = {
  /** Your own, 1 to 100 characters; all parties see it. */
  readonly reference: Scalars['String']['input'];
  /** 1 to 100 characters. */
  readonly bookingNumber?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 100 characters; hauliers and guests do not see it. */
  readonly billNumber?: InputMaybe<Scalars['String']['input']>;
  /** Export or import. 进出口 */
  readonly trade: Trade;
  /** Your own company's part: SHIPPER, FORWARDER or CONSIGNEE. */
  readonly role: PartyRole;
  /** 1 to 200. A box travels under one shipment at a time (CONFLICT): who shares it is that one's party, or is granted a window. */
  readonly containers: ReadonlyArray<BookedContainerInput>;
  /** The others, at most 19. */
  readonly parties?: InputMaybe<ReadonlyArray<BookedPartyInput>>;
  /** In the order of the way, at most 20. */
  readonly legs?: InputMaybe<ReadonlyArray<LegInput>>;
  /** In the order of the plan, at most 50. */
  readonly milestones?: InputMaybe<ReadonlyArray<MilestoneInput>>;
};

/** Which box goes out of a shipment, and which goes in. 换箱 */
export type SwapContainerInput = {
  /** Id of the shipment. */
  readonly shipment: Scalars['ID']['input'];
  /** The box that goes out; CONFLICT when it is not under way with the shipment. */
  readonly out: Scalars['ContainerNumber']['input'];
  /** The box that goes in; CONFLICT while it is under way with any shipment. It takes over the other's `fullness`. */
  readonly in: Scalars['ContainerNumber']['input'];
  /** 1 to 1,000 characters. */
  readonly reason: Scalars['String']['input'];
};

/** What carries a leg from now on. */
export type RolledLegInput = {
  /** Of the leg, from 1; NOT_FOUND beyond the last. */
  readonly ordinal: Scalars['Int']['input'];
  /** 1 to 100 characters. 船名 */
  readonly vessel: Scalars['String']['input'];
  /** 1 to 100 characters. 航次 */
  readonly voyage: Scalars['String']['input'];
};

/** When a point on the way is to be reached now. */
export type RolledMilestoneInput = {
  /** Of the milestone, from 1; NOT_FOUND beyond the last. */
  readonly ordinal: Scalars['Int']['input'];
  /** In the place of the time before. */
  readonly plannedAt: Scalars['DateTime']['input'];
};

/** A shipment's new voyage; legs and milestones that are not named stay. 转船期 */
export type RollOverInput = {
  /** Id of the shipment. */
  readonly shipment: Scalars['ID']['input'];
  /** 1 to 20. */
  readonly legs: ReadonlyArray<RolledLegInput>;
  /** At most 50. */
  readonly milestones?: InputMaybe<ReadonlyArray<RolledMilestoneInput>>;
  /** null: it stays. */
  readonly bookingNumber?: InputMaybe<Scalars['String']['input']>;
};

/** Which boxes leave a shipment, and what the new one is called. 拆票 */
export type SplitShipmentInput = {
  /** Id of the shipment; it keeps its numbers. */
  readonly shipment: Scalars['ID']['input'];
  /** Some of its boxes, and not all. */
  readonly containers: ReadonlyArray<Scalars['ContainerNumber']['input']>;
  /** Of the new shipment. */
  readonly reference: Scalars['String']['input'];
  /** Of the new shipment, 1 to 100 characters; null: it has none. */
  readonly bookingNumber?: InputMaybe<Scalars['String']['input']>;
  /** Of the new shipment, 1 to 100 characters; null: it has none. */
  readonly billNumber?: InputMaybe<Scalars['String']['input']>;
};

/** Two shipments that become one. 并票 */
export type MergeShipmentsInput = {
  /** Id of the one that goes on, with its own numbers, way and plan. */
  readonly into: Scalars['ID']['input'];
  /** It ends, and its boxes go on under the other, which is where they are found from then on. */
  readonly from: Scalars['ID']['input'];
};

/** Which box is taken out, and why. 解除占箱 */
export type ReleaseContainerInput = {
  readonly container: Scalars['ContainerNumber']['input'];
  /** 1 to 1,000 characters. */
  readonly reason: Scalars['String']['input'];
};

export type ShipmentPayload = {
  /** As it is now. */
  readonly shipment: Shipment;
};

export type SplitShipmentPayload = {
  /** The one that was split, without the boxes. */
  readonly shipment: Shipment;
  /** The new one, with them. */
  readonly split: Shipment;
};

export type ReleaseContainerPayload = {
  readonly container: Scalars['ContainerNumber']['output'];
};

/** Which way goods travel through the port. 进出口 */
export type Trade =
  /** 出口 */
  | 'EXPORT'
  /** 进口 */
  | 'IMPORT';

/** How far a shipment is, by its milestones. 运单状态 */
export type ShipmentStatus =
  /** Nothing has happened yet. */
  | 'BOOKED'
  /** Some milestones are reached. */
  | 'UNDER_WAY'
  /** All milestones are reached. */
  | 'COMPLETED'
  /** Its time is over. */
  | 'ENDED';

/** What an organisation is to a shipment. 当事方角色 */
export type PartyRole =
  /** Sends the goods. 发货人 */
  | 'SHIPPER'
  /** Receives the goods. 收货人 */
  | 'CONSIGNEE'
  /** Arranges their way. 货运代理 */
  | 'FORWARDER'
  /** Carries them over sea. 承运人 */
  | 'CARRIER'
  /** Carries their boxes by truck. 集卡车队 */
  | 'HAULIER';

/** An organisation's part in a shipment. 当事方 */
export type ShipmentParty = {
  /** Who. */
  readonly organisation: Organisation;
  /** As what. */
  readonly role: PartyRole;
};

/** How goods travel on a leg. 运输方式 */
export type LegMode =
  /** By truck. 公路 */
  | 'ROAD'
  /** By sea. 海运 */
  | 'SEA'
  /** By rail. 铁路 */
  | 'RAIL'
  /** By barge. 驳船 */
  | 'BARGE';

/** A part of the way. 运输段 */
export type Leg = {
  /** Its place on the way, from 1. */
  readonly ordinal: Scalars['Int']['output'];
  /** How. */
  readonly mode: LegMode;
  /** A city, a site's code or a UN/LOCODE. */
  readonly fromPlace: Scalars['String']['output'];
  /** A city, a site's code or a UN/LOCODE. */
  readonly toPlace: Scalars['String']['output'];
  /** Her name; null where none sails or is known. 船名 */
  readonly vessel: Maybe<Scalars['String']['output']>;
  /** The carrier's number of her journey. 航次 */
  readonly voyage: Maybe<Scalars['String']['output']>;
};

/** A point on the way: planned, and per box the event that reached it. */
export type Milestone = {
  /** Its place on the way, from 1. */
  readonly ordinal: Scalars['Int']['output'];
  /** DCSA code: GTIN, LOAD, DEPA, ARRI, DISC, GTOT. */
  readonly code: Scalars['String']['output'];
  /** At which terminal; null: at any. */
  readonly site: Maybe<Site>;
  /** In which zone; null: in any. */
  readonly zone: Maybe<Zone>;
  /** null when nobody planned it. */
  readonly plannedAt: Maybe<Scalars['DateTime']['output']>;
  /** When the last of the boxes reached it; null while one is missing. */
  readonly actualAt: Maybe<Scalars['DateTime']['output']>;
  /** By all of its boxes. */
  readonly reached: Scalars['Boolean']['output'];
  /** Box by box. */
  readonly reachedBy: ReadonlyArray<MilestoneReached>;
};

/** A box that reached a milestone, and how that is known. */
export type MilestoneReached = {
  readonly containerNumber: Scalars['ContainerNumber']['output'];
  /** The event that says so. */
  readonly event: TrackingEvent;
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

/** All that is given must hold. */
export type ShipmentFilter = {
  /** By its booking number. 订舱号 */
  readonly booking?: InputMaybe<Scalars['String']['input']>;
  /** By its bill of lading's number. 提单号 */
  readonly bill?: InputMaybe<Scalars['String']['input']>;
  /** With this box. 箱号 */
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  /** Export or import. */
  readonly trade?: InputMaybe<Trade>;
  /** When it was booked. */
  readonly period?: InputMaybe<Period>;
  /** Whose reference, booking or bill number begins so, 2 to 100 characters, capitals as they stand; no character is a wildcard. 前缀 */
  readonly text?: InputMaybe<Scalars['String']['input']>;
};

/** How somebody proved who they are. 登录方式 */
export type SignInMethod =
  /** Login name and password. 密码 */
  | 'PASSWORD'
  /** A code from an administrator, with which a first password was set. 注册码 */
  | 'ENROLMENT'
  /** A code that was sent to a telephone; drivers only. 短信验证码 */
  | 'PHONE'
  /** An OpenID Connect issuer. 统一身份认证 */
  | 'OIDC'
  /** A certificate whose key stands on a USB key. 数字证书 */
  | 'CERTIFICATE';

/** What stands between a session and its use. */
export type SecondFactorState =
  /** Shown in this session. */
  | 'PASSED'
  /** Not asked for: the role needs none and the person has none, or an API token asks. */
  | 'NOT_NEEDED'
  /** The person has one: go on with `verifySecondFactor`; everything but that, `switchMembership` and `signOut` answers SECOND_FACTOR_REQUIRED. */
  | 'TO_VERIFY'
  /** The role needs one: go on with `offerSecondFactor` and `confirmSecondFactor`; everything but these, `switchMembership` and `signOut` answers SECOND_FACTOR_REQUIRED. */
  | 'TO_ENROL';

/** An organisation and a role that somebody has there. */
export type Membership = {
  /** Id of the organisation, for `switchMembership`. */
  readonly organisationId: Scalars['ID']['output'];
  /** In English. */
  readonly organisationName: Scalars['String']['output'];
  /** In Chinese. 中文名称 */
  readonly organisationNameZh: Scalars['String']['output'];
  /** What they are there. 角色 */
  readonly role: Role;
};

/** A session that has begun, or goes on under another token. */
export type SignInPayload = {
  /** The bearer token, `bxs_…`: shown this once. The one before it no longer works. */
  readonly token: Scalars['String']['output'];
  /** The session ends then at the latest: 12 hours after it began, 15 minutes while its second factor is to be shown; and after an hour without use. */
  readonly endsAt: Scalars['DateTime']['output'];
  /** What is to be done before anything else. */
  readonly secondFactor: SecondFactorState;
  /** For whom the session is: of several memberships one without privileges. `switchMembership` changes it. */
  readonly organisationId: Scalars['ID']['output'];
  /** In which the session acts for that organisation. */
  readonly role: Role;
  /** All that this way of signing in reaches: by telephone those as a driver alone. */
  readonly memberships: ReadonlyArray<Membership>;
};

/** Login name and password. 登录 */
export type SignInInput = {
  /** Case does not matter. */
  readonly loginName: Scalars['String']['input'];
  /** Characters count as one however they are composed (Unicode NFKC). 密码 */
  readonly password: Scalars['String']['input'];
};

/** A code from an administrator, and what one signs in with from now on. 首次设置密码 */
export type EnrolInput = {
  /** From an administrator, `bxe_…`; taken once, within 72 hours. */
  readonly code: Scalars['String']['input'];
  /** 15 to 128 characters (NIST SP 800-63B-4); no rule asks for digits or signs. */
  readonly password: Scalars['String']['input'];
  /** Needed when the administrator gave none. */
  readonly loginName?: InputMaybe<Scalars['String']['input']>;
};

export type RequestPhoneCodePayload = {
  /** The code ends then, in five minutes; or after four wrong attempts from whatever addresses, or when another is asked for. */
  readonly expiresAt: Scalars['DateTime']['output'];
};

export type RequestCertificateNoncePayload = {
  /** To be signed within five minutes: the key signs the UTF-8 text `Boxtrail sign-in`, a line's end (U+000A) and this. */
  readonly nonce: Scalars['String']['output'];
  /** It is not taken from here on. */
  readonly expiresAt: Scalars['DateTime']['output'];
};

/** A certificate, and the proof that one has its key. 证书登录 */
export type SignInByCertificateInput = {
  /** PEM. Issued by one of the authorities that the operator configured, for signing and client authentication where it names uses, and not revoked where lists are kept. */
  readonly certificate: Scalars['String']['input'];
  /** From `requestCertificateNonce`, `bxn_…`; taken once. */
  readonly nonce: Scalars['String']['input'];
  /** Base64: RSA PKCS #1 v1.5 with SHA-256; ECDSA on P-256 with SHA-256 or on P-384 with SHA-384; or SM2 with SM3 and the identifier 1234567812345678. The latter two in DER. */
  readonly signature: Scalars['String']['input'];
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
  /** 海关通知查验: customs announced that they will inspect the container. */
  | 'InspectionNoticed'
  /** 海关查验放行: customs are done with the container that they had announced to inspect. */
  | 'InspectionReleased'
  /** 事件撤销: an earlier event no longer stands. */
  | 'EventWithdrawn';

/** What moves and is tracked. 资产类型 */
export type AssetKind =
  /** 集装箱 */
  | 'CONTAINER'
  /** 集卡 */
  | 'TRUCK'
  /** 挂车 */
  | 'CHASSIS'
  /** 铁路车皮 */
  | 'WAGON'
  /** 驳船 */
  | 'BARGE'
  /** 船舶 */
  | 'VESSEL';

/** Whose word an event rests on. */
export type EventSource =
  /** Of a lane's devices. 设备 */
  | 'READER'
  /** Of a receiver of positions. 定位 */
  | 'POSITION'
  /** Of a person. 人工 */
  | 'HAND'
  /** Of a partner's message. 报文 */
  | 'MESSAGE';

/** What an event is about. 资产 */
export type Asset = {
  /** What it is. */
  readonly kind: AssetKind;
  /** Container number, licence plate, MMSI … */
  readonly code: Scalars['String']['output'];
};

/** An immutable business fact in the journal. */
export type TrackingEvent = Node & {
  readonly id: Scalars['ID']['output'];
  /** What happened. */
  readonly kind: EventKind;
  /** To what. */
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
  /** When it was stored: the beginning of that transaction, by the database's clock. */
  readonly recordedAt: Scalars['DateTime']['output'];
  /** Whose word it rests on. */
  readonly source: EventSource;
  /** It became known after later facts of the same asset had been written. */
  readonly late: Scalars['Boolean']['output'];
  /** False once a later event withdrew it. */
  readonly stands: Scalars['Boolean']['output'];
  /** The event that this one withdraws. */
  readonly withdraws: Maybe<Scalars['ID']['output']>;
  /** The pass that it came from. Gate operators, port monitors and customs of its site; null for logistics companies; FORBIDDEN for quarantine. */
  readonly pass: Maybe<GatePass>;
  /** SHA-256 of the event's canonical JSON (RFC 8785), hex. */
  readonly hash: Scalars['String']['output'];
  /** Its place in the journal: give it to a subscription's `after`, and it goes on behind this event. */
  readonly journalCursor: Scalars['String']['output'];
  /** Further facts of its kind; a company gets those that speak of its own box. */
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
  /** Of boxes in their time under shipments with this booking number; one that you may not see finds nothing. 订舱号 */
  readonly booking?: InputMaybe<Scalars['String']['input']>;
  /** The same by the bill of lading's number. 提单号 */
  readonly bill?: InputMaybe<Scalars['String']['input']>;
  /** From passes at which this seal was read. Gate operators, port monitors, quarantine and customs; finds nothing for others. 封志号 */
  readonly seal?: InputMaybe<Scalars['String']['input']>;
  /** Box numbers and plates that begin so, 2 to 100 characters; no character is a wildcard. 箱号或车牌前缀 */
  readonly text?: InputMaybe<Scalars['String']['input']>;
  /** Also those that were withdrawn since. */
  readonly includeWithdrawn?: InputMaybe<Scalars['Boolean']['input']>;
};

/** Whether a truck is in the terminal. 车辆在场状态 */
export type TruckVisitState =
  /** The truck is in the terminal. */
  | 'OPEN'
  /** It has left. 已离场 */
  | 'CLOSED';

/** What a truck did with a box. 交接类型 */
export type TransactionKind =
  /** The truck brought the box. 交箱 */
  | 'DELIVER'
  /** The truck took the box. 提箱 */
  | 'RECEIVE';

/** A box that a truck brought or took in one visit. 交接 */
export type VisitTransaction = {
  /** Brought or took. */
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
  /** Plate of its trailer; null when nobody knows it. 挂车号 */
  readonly chassisPlate: Maybe<Scalars['String']['output']>;
  /** A reference; the person stands elsewhere. */
  readonly driverId: Maybe<Scalars['ID']['output']>;
  readonly state: TruckVisitState;
  readonly openedAt: Scalars['DateTime']['output'];
  readonly closedAt: Maybe<Scalars['DateTime']['output']>;
  /** From its entry to its exit; null while the truck is in the terminal. 车辆周转时间 */
  readonly turnTime: Maybe<Scalars['Duration']['output']>;
  readonly passes: ReadonlyArray<GatePass>;
  /** What it brought and took, oldest first. */
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

/** Why a reading names no box. 未识别原因 */
export type UnresolvedReason =
  /** A tag that is bound to nothing. */
  | 'TAG_WITHOUT_BINDING'
  /** A number whose ISO 6346 check digit is wrong. */
  | 'CHECK_DIGIT'
  /** A camera's text that is no container number at all. */
  | 'NOT_A_CONTAINER_NUMBER';

/** What became of a reading that nobody could name. 处理状态 */
export type UnresolvedState =
  /** Nobody has said yet. 待处理 */
  | 'OPEN'
  /** A person named its box. 已识别 */
  | 'RESOLVED'
  /** A person said that it was no box. 已排除 */
  | 'DISMISSED';

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
  /** The tag's identity, when its bits are an EPC; null for other tags and for what a camera read. */
  readonly epcUri: Maybe<Scalars['EpcUri']['output']>;
  readonly occurredAt: Scalars['DateTime']['output'];
  readonly lane: Maybe<Lane>;
  readonly deviceCode: Scalars['String']['output'];
  readonly pass: Maybe<GatePass>;
  /** The likeliest first. */
  readonly proposals: ReadonlyArray<ContainerProposal>;
  readonly state: UnresolvedState;
  /** What a person said; null until then, and for what was no box. */
  readonly chosenContainer: Maybe<Scalars['ContainerNumber']['output']>;
  /** When they said so. */
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

/** Which box a reading was. */
export type ResolveObservationInput = {
  readonly id: Scalars['ID']['input'];
  /** The box that it was; null dismisses the reading as not a box. */
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  /** For a tag: bind it to the box from the reading's moment on. */
  readonly bindTag?: InputMaybe<Scalars['Boolean']['input']>;
};

export type ResolveObservationPayload = {
  /** As it is now. */
  readonly observation: UnresolvedObservation;
  /** The events that followed from the answer, such as a gate-in at the pass's time, marked late. */
  readonly events: ReadonlyArray<TrackingEvent>;
};

/** What somebody is for an organisation; the policy says what each may. 角色 */
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
  /** Works for quarantine: events and boxes at its sites. 检疫人员 */
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

/** What an organisation is. 机构类型 */
export type OrganisationKind =
  /** Runs several terminals. 港口集团 */
  | 'PORT_GROUP'
  /** Runs one or more terminals. 码头公司 */
  | 'TERMINAL'
  /** Shipper, forwarder, carrier or haulier. 物流企业 */
  | 'LOGISTICS_COMPANY'
  /** 海关 */
  | 'CUSTOMS_OFFICE'
  /** 检疫 */
  | 'QUARANTINE_OFFICE'
  /** 银行 */
  | 'BANK'
  /** Runs this service. 平台运营方 */
  | 'PLATFORM_OPERATOR';

/** Who asks. */
export type Viewer = {
  /** Of the person or service account, for ever. */
  readonly id: Scalars['ID']['output'];
  /** Whether it is a person or a program. */
  readonly kind: PrincipalKind;
  /** As the organisation calls them. */
  readonly displayName: Scalars['String']['output'];
  /** In which they ask. */
  readonly role: Role;
  /** For which they ask. */
  readonly organisation: Organisation;
  /** What the token may be used for. */
  readonly scopes: ReadonlyArray<Scope>;
  /** Of this session; NOT_NEEDED for an API token. */
  readonly secondFactor: SecondFactorState;
  /** Where a person's session can go with `switchMembership`; empty for others. */
  readonly memberships: ReadonlyArray<Membership>;
};

/** Whether an endpoint is told of events. 推送地址状态 */
export type WebhookState =
  /** Is told of what happens. 启用 */
  | 'ACTIVE'
  /** Is told nothing until it is resumed, and then all. 暂停 */
  | 'PAUSED'
  /** Took nothing for five days, said that it is gone (410), or its maker may no longer read. 停用 */
  | 'DISABLED'
  /** Is no more. 已删除 */
  | 'REMOVED';

/** How far an event is on its way to an endpoint. 投递状态 */
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
  /** Where it is told. */
  readonly url: Scalars['String']['output'];
  /** For people. */
  readonly description: Scalars['String']['output'];
  /** Of TrackingEventFilter's form; null: all that its maker may see. */
  readonly filter: Maybe<Scalars['Json']['output']>;
  readonly state: WebhookState;
  readonly nextStates: ReadonlyArray<WebhookState>;
  /** Why it was disabled. */
  readonly stateReason: Maybe<Scalars['String']['output']>;
  /** It is told what this role of its organisation may see. */
  readonly role: Role;
  /** Of customs: the case for which it was made, and what it is told is audited. 案件编号 */
  readonly caseNumber: Maybe<Scalars['String']['output']>;
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

/** One event's way to one endpoint. 投递记录 */
export type WebhookDelivery = {
  /** null when it is not yours to see any more. */
  readonly event: Maybe<TrackingEvent>;
  readonly state: WebhookDeliveryState;
  /** How often it was tried. */
  readonly attempts: Scalars['Int']['output'];
  readonly createdAt: Scalars['DateTime']['output'];
  /** null when it was not tried yet. */
  readonly lastAttemptAt: Maybe<Scalars['DateTime']['output']>;
  /** When it is tried next, while it is PENDING. */
  readonly nextAttemptAt: Scalars['DateTime']['output'];
  /** HTTP status of the last answer; null when there was none. */
  readonly lastStatus: Maybe<Scalars['Int']['output']>;
  /**
   * What went wrong at the last attempt; null when nothing did. The status's answer, its first 500 bytes; without an answer one word and a
   * sentence behind it: `INWARD`, `DNS`, `REFUSED`, `UNREACHABLE`, `TIMEOUT`, `TLS`, `CLOSED`, `PROTOCOL` or `OTHER`.
   */
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

/** Where events are to be told, and which. */
export type CreateWebhookInput = {
  /** https; no address that points inward. Where the operator allows networks (`BOXTRAIL_WEBHOOK_NETWORKS`), also addresses of these, and http. */
  readonly url: Scalars['String']['input'];
  /** For people, 1 to 200 characters. */
  readonly description: Scalars['String']['input'];
  /** Which of those that you may see; null: all. */
  readonly filter?: InputMaybe<TrackingEventFilter>;
  /** A journalCursor to begin behind; absent: with what happens from now on. */
  readonly after?: InputMaybe<Scalars['String']['input']>;
};

export type CreateWebhookPayload = {
  /** As it is now. */
  readonly endpoint: WebhookEndpoint;
  /** `whsec_…`, told once: null when the same idempotency key asks again. */
  readonly secret: Maybe<Scalars['String']['output']>;
};

export type WebhookPayload = {
  /** As it is now. */
  readonly endpoint: WebhookEndpoint;
};

export type ReplaceWebhookSecretPayload = {
  /** As it is now. */
  readonly endpoint: WebhookEndpoint;
  /** Told once. The former one signs beside it for 24 hours. */
  readonly secret: Maybe<Scalars['String']['output']>;
};

/** What can be done with an endpoint. 推送地址操作 */
export type WebhookCommand =
  /** Tell it nothing until it is resumed; what happens meanwhile is told then. 暂停 */
  | 'PAUSE'
  /** Tell it all that happened meanwhile, and go on. 恢复 */
  | 'RESUME'
  /** Be done with it for good. 删除 */
  | 'REMOVE';

/** As what a company sees a shipment's boxes: as a party of it would, or as a guest: events, place, way and plan, no numbers and no names. */
export type WindowSight =
  /** 受邀查看方 */
  | 'GUEST'
  /** 发货人 */
  | 'SHIPPER'
  /** 收货人 */
  | 'CONSIGNEE'
  /** 货运代理 */
  | 'FORWARDER'
  /** 承运人 */
  | 'CARRIER'
  /** 集卡车队 */
  | 'HAULIER';

/** Of two companies, on whose side yours is. */
export type GrantDirection =
  /** That your company gave. */
  | 'GIVEN'
  /** That your company received. */
  | 'RECEIVED';

/** A window that one company opened for another within its own. It is kept for ever, withdrawn or not. */
export type WindowGrant = Node & {
  readonly id: Scalars['ID']['output'];
  /** null once it is not yours to see. */
  readonly shipment: Maybe<Shipment>;
  /** null: every box of the shipment, also after a swap or a split. */
  readonly container: Maybe<Scalars['ContainerNumber']['output']>;
  /** The company whose own window it lies in. */
  readonly grantor: Organisation;
  /** The company that sees through it. */
  readonly grantee: Organisation;
  /** As what it sees, and nothing that the grantor does not see. */
  readonly seenAs: WindowSight;
  /** What happened from here on is seen. */
  readonly validFrom: Scalars['DateTime']['output'];
  /** And until here, not included; null: as long as the grantor's own window. */
  readonly validTo: Maybe<Scalars['DateTime']['output']>;
  /** When it was granted. */
  readonly grantedAt: Scalars['DateTime']['output'];
  /** The person who granted it. */
  readonly grantedBy: Scalars['ID']['output'];
  /** null while it stands. From then on nothing of it is seen, not even what was seen before. */
  readonly withdrawnAt: Maybe<Scalars['DateTime']['output']>;
  /** The person who withdrew it; null while it stands. */
  readonly withdrawnBy: Maybe<Scalars['ID']['output']>;
};

export type WindowGrantConnection = {
  readonly edges: ReadonlyArray<WindowGrantEdge>;
  readonly nodes: ReadonlyArray<WindowGrant>;
  readonly pageInfo: PageInfo;
};

export type WindowGrantEdge = {
  readonly cursor: Scalars['String']['output'];
  readonly node: WindowGrant;
};

/** What is shown, to whom, as what and for how long. */
export type GrantWindowInput = {
  /** Id of the shipment; NOT_FOUND for one on which your company has no window, FORBIDDEN for a part that may not grant. */
  readonly shipment: Scalars['ID']['input'];
  /** null: every box of the shipment. */
  readonly container?: InputMaybe<Scalars['ContainerNumber']['input']>;
  /** Its code or unified social credit code; a company whose name is verified. */
  readonly organisation: Scalars['String']['input'];
  /** As what the other company sees; nothing that yours does not. */
  readonly seenAs?: InputMaybe<WindowSight>;
  /** null: from now on. Not before your own window (INVALID_PERIOD). */
  readonly from?: InputMaybe<Scalars['DateTime']['input']>;
  /** Not included; null: as long as your own window. Not after it (INVALID_PERIOD). */
  readonly to?: InputMaybe<Scalars['DateTime']['input']>;
};

export type WindowGrantPayload = {
  /** As it is now. */
  readonly grant: WindowGrant;
};
