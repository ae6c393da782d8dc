// Written by bin/generate.mjs from the .graphql files of apps/server/src/documents; do not edit.
import type { Document } from './document.js';
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** How much an alert presses. 告警级别 */
export type AlertSeverity =
  /** Good to know. */
  | 'INFO'
  /** A person should look at it today. */
  | 'WARNING'
  /** A person should look at it now. */
  | 'CRITICAL';

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

/** A pass as a person saw it. */
export type ReportPassInput = {
  /** `CNNBO-BLYUA/G1-L3` */
  readonly lane: string;
  readonly direction: Direction;
  readonly truck: string;
  /** Plate of the trailer, at most 20 characters. 挂车号 */
  readonly chassis?: string | null | undefined;
  /** The boxes on it, at most 4, each once; empty: none. */
  readonly containers: ReadonlyArray<ReportedContainer>;
  readonly occurredAt: string;
  /** Whether it was let through. */
  readonly verdict: PassVerdict;
  /** Why the readers did not tell it: `tag broken`. */
  readonly reason: string;
};

/** A box as a person saw it. */
export type ReportedContainer = {
  /** ISO 6346. 箱号 */
  readonly number: string;
  readonly fullness?: Fullness | null | undefined;
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

/** A stretch of time, `from` included and `to` not. Either end may be left open. */
export type Period = {
  /** Included; null: from the beginning. */
  readonly from?: string | null | undefined;
  /** Not included; null: without an end. */
  readonly to?: string | null | undefined;
};

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

/** All that is given must hold. */
export type TrackingEventFilter = {
  readonly container?: string | null | undefined;
  readonly truck?: string | null | undefined;
  readonly site?: string | null | undefined;
  readonly gate?: string | null | undefined;
  readonly lane?: string | null | undefined;
  readonly zone?: string | null | undefined;
  readonly kinds?: ReadonlyArray<EventKind> | null | undefined;
  readonly period?: Period | null | undefined;
  /** Of boxes in their time under shipments with this booking number; one that you may not see finds nothing. 订舱号 */
  readonly booking?: string | null | undefined;
  /** The same by the bill of lading's number. 提单号 */
  readonly bill?: string | null | undefined;
  /** From passes at which this seal was read. Gate operators, port monitors and customs; finds nothing for others. 封志号 */
  readonly seal?: string | null | undefined;
  /** Box numbers and plates that begin so, 2 to 100 characters; no character is a wildcard. 箱号或车牌前缀 */
  readonly text?: string | null | undefined;
  /** Also those that were withdrawn since. */
  readonly includeWithdrawn?: boolean | null | undefined;
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

export type EventsLiveSubscriptionVariables = Exact<{
  filter?: TrackingEventFilter | null | undefined;
  after?: string | null | undefined;
}>;

export type EventsLiveSubscription = {
  readonly eventRecorded: {
    readonly id: string;
    readonly journalCursor: string;
    readonly kind: EventKind;
    readonly occurredAt: string;
    readonly containerNumber: string | null;
    readonly truckPlate: string | null;
    readonly zone: { readonly name: string; readonly nameZh: string } | null;
  };
};

export type JournalEndQueryVariables = Exact<{ [key: string]: never }>;

export type JournalEndQuery = { readonly journalEnd: string };

export type LanesLiveSubscriptionVariables = Exact<{
  lanes?: ReadonlyArray<string> | string | null | undefined;
}>;

export type LanesLiveSubscription = {
  readonly passRecorded: {
    readonly id: string;
    readonly occurredAt: string;
    readonly direction: Direction;
    readonly outcome: PassOutcome;
    readonly truckPlate: string | null;
    readonly containerNumbers: ReadonlyArray<string>;
    readonly sealNumbers: ReadonlyArray<string>;
    readonly exceptions: ReadonlyArray<string>;
    readonly lane: { readonly code: string } | null;
  };
};

export type MyLanesQueryVariables = Exact<{ [key: string]: never }>;

export type MyLanesQuery = {
  readonly passes: {
    readonly nodes: ReadonlyArray<{
      readonly occurredAt: string;
      readonly direction: Direction;
      readonly outcome: PassOutcome;
      readonly truckPlate: string | null;
      readonly containerNumbers: ReadonlyArray<string>;
      readonly exceptions: ReadonlyArray<string>;
      readonly lane: { readonly code: string } | null;
    }>;
  };
  readonly devices: ReadonlyArray<{
    readonly code: string;
    readonly state: DeviceState;
    readonly lastFrameAt: string | null;
    readonly rejected: number;
    readonly lastError: string | null;
  }>;
  readonly alerts: {
    readonly nodes: ReadonlyArray<{
      readonly kind: string;
      readonly severity: AlertSeverity;
      readonly raisedAt: string;
    }>;
  };
};

export type MyShipmentsQueryVariables = Exact<{ [key: string]: never }>;

export type MyShipmentsQuery = {
  readonly shipments: {
    readonly nodes: ReadonlyArray<{
      readonly reference: string;
      readonly status: ShipmentStatus;
      readonly containers: ReadonlyArray<{
        readonly number: string;
        readonly container: {
          readonly status: ContainerStatus;
          readonly place: {
            readonly at: string;
            readonly site: { readonly name: string; readonly nameZh: string } | null;
            readonly zone: { readonly name: string } | null;
          } | null;
          readonly events: {
            readonly nodes: ReadonlyArray<{
              readonly kind: EventKind;
              readonly occurredAt: string;
              readonly truckPlate: string | null;
            }>;
          };
        };
      }>;
      readonly milestonesToCome: ReadonlyArray<{
        readonly code: string;
        readonly plannedAt: string | null;
        readonly site: { readonly name: string } | null;
      }>;
    }>;
  };
};

export type OneContainerQueryVariables = Exact<{
  number: string;
}>;

export type OneContainerQuery = {
  readonly container: {
    readonly id: string;
    readonly number: string;
    readonly sizeType: string | null;
    readonly status: ContainerStatus;
    readonly place: {
      readonly at: string;
      readonly site: { readonly code: string } | null;
      readonly zone: { readonly code: string } | null;
    } | null;
    readonly events: { readonly nodes: ReadonlyArray<{ readonly kind: EventKind; readonly occurredAt: string }> };
  };
};

export type OneShipmentQueryVariables = Exact<{
  reference: string;
}>;

export type OneShipmentQuery = {
  readonly shipment: {
    readonly id: string;
    readonly reference: string;
    readonly status: ShipmentStatus;
    readonly containers: ReadonlyArray<{
      readonly number: string;
      readonly windowFrom: string;
      readonly windowTo: string | null;
      readonly container: {
        readonly status: ContainerStatus;
        readonly place: {
          readonly at: string;
          readonly zone: { readonly code: string; readonly nameZh: string } | null;
        } | null;
      };
    }>;
    readonly events: {
      readonly nodes: ReadonlyArray<{
        readonly kind: EventKind;
        readonly occurredAt: string;
        readonly containerNumber: string | null;
        readonly zone: { readonly code: string } | null;
      }>;
    };
    readonly milestonesToCome: ReadonlyArray<{
      readonly code: string;
      readonly plannedAt: string | null;
      readonly site: { readonly nameZh: string } | null;
    }>;
  };
};

export type PortEventsQueryVariables = Exact<{
  filter?: TrackingEventFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;

export type PortEventsQuery = {
  readonly events: {
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly kind: EventKind;
      readonly occurredAt: string;
      readonly containerNumber: string | null;
      readonly truckPlate: string | null;
      readonly gate: { readonly name: string; readonly nameZh: string } | null;
      readonly lane: { readonly code: string } | null;
      readonly pass: { readonly outcome: PassOutcome; readonly exceptions: ReadonlyArray<string> } | null;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type PortSearchQueryVariables = Exact<{
  filter: TrackingEventFilter;
  after?: string | null | undefined;
}>;

export type PortSearchQuery = {
  readonly events: {
    readonly nodes: ReadonlyArray<{
      readonly id: string;
      readonly kind: EventKind;
      readonly occurredAt: string;
      readonly truckPlate: string | null;
      readonly asset: { readonly kind: AssetKind; readonly code: string };
      readonly zone: { readonly code: string; readonly nameZh: string } | null;
      readonly pass: { readonly sealNumbers: ReadonlyArray<string> } | null;
    }>;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};

export type ReportPassMutationVariables = Exact<{
  input: ReportPassInput;
  idempotencyKey: string;
}>;

export type ReportPassMutation = {
  readonly reportPass: {
    readonly pass: {
      readonly id: string;
      readonly outcome: PassOutcome;
      readonly truckPlate: string | null;
      readonly containerNumbers: ReadonlyArray<string>;
    };
  };
};

export type WhoAmIQueryVariables = Exact<{ [key: string]: never }>;

export type WhoAmIQuery = {
  readonly viewer: {
    readonly displayName: string;
    readonly role: Role;
    readonly organisation: { readonly name: string; readonly nameZh: string };
  };
};

export const EventsLive: Document<EventsLiveSubscription, EventsLiveSubscriptionVariables> = {
  text: '# Everybody: each new event that one may see, once it is stored; with `after`, first what came since.\nsubscription EventsLive($filter: TrackingEventFilter, $after: String) {\n  eventRecorded(filter: $filter, after: $after) {\n    id\n    journalCursor\n    kind\n    occurredAt\n    containerNumber\n    truckPlate\n    zone {\n      name\n      nameZh\n    }\n  }\n}\n',
};
export const JournalEnd: Document<JournalEndQuery, JournalEndQueryVariables> = {
  text: '# Whoever may see events: where the journal ends now.\nquery JournalEnd {\n  journalEnd\n}\n',
};
export const LanesLive: Document<LanesLiveSubscription, LanesLiveSubscriptionVariables> = {
  text: '# A gate operator, live: each pass of the lanes once it is stored. 闸口\nsubscription LanesLive($lanes: [String!]) {\n  passRecorded(lanes: $lanes) {\n    id\n    occurredAt\n    lane {\n      code\n    }\n    direction\n    outcome\n    truckPlate\n    containerNumbers\n    sealNumbers\n    exceptions\n  }\n}\n',
};
export const MyLanes: Document<MyLanesQuery, MyLanesQueryVariables> = {
  text: "# A gate operator: the lanes' latest passes and what ails the devices. 闸口\nquery MyLanes {\n  passes(first: 10) {\n    nodes {\n      occurredAt\n      lane {\n        code\n      }\n      direction\n      outcome\n      truckPlate\n      containerNumbers\n      exceptions\n    }\n  }\n  devices {\n    code\n    state\n    lastFrameAt\n    rejected\n    lastError\n  }\n  alerts(state: OPEN, first: 10) {\n    nodes {\n      kind\n      severity\n      raisedAt\n    }\n  }\n}\n",
};
export const MyShipments: Document<MyShipmentsQuery, MyShipmentsQueryVariables> = {
  text: '# A logistics company: where its boxes are, what happened last and what is still to come. 物流企业\nquery MyShipments {\n  shipments(first: 5) {\n    nodes {\n      reference\n      status\n      containers {\n        number\n        container {\n          status\n          place {\n            at\n            site {\n              name\n              nameZh\n            }\n            zone {\n              name\n            }\n          }\n          events(first: 3) {\n            nodes {\n              kind\n              occurredAt\n              truckPlate\n            }\n          }\n        }\n      }\n      milestonesToCome {\n        code\n        plannedAt\n        site {\n          name\n        }\n      }\n    }\n  }\n}\n',
};
export const OneContainer: Document<OneContainerQuery, OneContainerQueryVariables> = {
  text: '# Everybody: one box by its number, as far as one may see it.\nquery OneContainer($number: ContainerNumber!) {\n  container(number: $number) {\n    id\n    number\n    sizeType\n    status\n    place {\n      at\n      site {\n        code\n      }\n      zone {\n        code\n      }\n    }\n    events(first: 10) {\n      nodes {\n        kind\n        occurredAt\n      }\n    }\n  }\n}\n',
};
export const OneShipment: Document<OneShipmentQuery, OneShipmentQueryVariables> = {
  text: '# A logistics company: one shipment by its reference, booking or bill number. 物流企业\nquery OneShipment($reference: String! = "TWLBK1001") {\n  shipment(reference: $reference) {\n    id\n    reference\n    status\n    containers {\n      number\n      windowFrom\n      windowTo\n      container {\n        status\n        place {\n          at\n          zone {\n            code\n            nameZh\n          }\n        }\n      }\n    }\n    events(first: 10) {\n      nodes {\n        kind\n        occurredAt\n        containerNumber\n        zone {\n          code\n        }\n      }\n    }\n    milestonesToCome {\n      code\n      plannedAt\n      site {\n        nameZh\n      }\n    }\n  }\n}\n',
};
export const PortEvents: Document<PortEventsQuery, PortEventsQueryVariables> = {
  text: '# A customs officer: what happened in the port last. 海关\nquery PortEvents(\n  $filter: TrackingEventFilter = { kinds: [ContainerGatedIn, ContainerGatedOut, PassRefused] }\n  $first: Int! = 20\n  $after: String\n) {\n  events(filter: $filter, first: $first, after: $after) {\n    nodes {\n      id\n      kind\n      occurredAt\n      containerNumber\n      truckPlate\n      gate {\n        name\n        nameZh\n      }\n      lane {\n        code\n      }\n      pass {\n        outcome\n        exceptions\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n',
};
export const PortSearch: Document<PortSearchQuery, PortSearchQueryVariables> = {
  text: '# A customs officer: events by box, booking, bill, truck, seal, gate, zone, kind, period or the beginning of a number. 海关\nquery PortSearch($filter: TrackingEventFilter!, $after: String) {\n  events(filter: $filter, first: 20, after: $after) {\n    nodes {\n      id\n      kind\n      occurredAt\n      asset {\n        kind\n        code\n      }\n      truckPlate\n      zone {\n        code\n        nameZh\n      }\n      pass {\n        sealNumbers\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n',
};
export const ReportPass: Document<ReportPassMutation, ReportPassMutationVariables> = {
  text: '# A gate operator: a pass that the readers missed. 闸口\nmutation ReportPass($input: ReportPassInput!, $idempotencyKey: IdempotencyKey!) {\n  reportPass(input: $input, idempotencyKey: $idempotencyKey) {\n    pass {\n      id\n      outcome\n      truckPlate\n      containerNumbers\n    }\n  }\n}\n',
};
export const WhoAmI: Document<WhoAmIQuery, WhoAmIQueryVariables> = {
  text: '# Everybody: who the token is.\nquery WhoAmI {\n  viewer {\n    displayName\n    role\n    organisation {\n      name\n      nameZh\n    }\n  }\n}\n',
};
