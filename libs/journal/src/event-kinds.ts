/**
 * Every kind of business fact, and how it is told to others without loss.
 * - dcsa: Track & Trace event type and code; `IOT` codes are those of the 3.0 draft, the rest of 2.2.
 * - epcis: EPCIS 2.0 event type, action, CBV business step and disposition. `entering_exiting` is for retail doors and is not used.
 * What a vocabulary has no word for is `null` and travels as our own extension, named by the kind.
 */
export interface EventKindRow {
  readonly meaning: string;
  readonly meaningZh: string;
  readonly dcsa: { readonly type: 'EQUIPMENT' | 'IOT' | 'SHIPMENT'; readonly code: string } | null;
  readonly epcis: {
    readonly type: 'ObjectEvent' | 'AssociationEvent';
    readonly action: 'OBSERVE' | 'ADD' | 'DELETE';
    readonly bizStep: string | null;
    readonly disposition: string | null;
  };
}

const object = (bizStep: string | null, disposition: string | null): EventKindRow['epcis'] => ({
  type: 'ObjectEvent',
  action: 'OBSERVE',
  bizStep,
  disposition,
});

export const EVENT_KINDS = {
  ContainerGatedIn: {
    meaning: 'An accepted truck brought the container through a lane’s exit into the terminal.',
    meaningZh: '集装箱进闸',
    dcsa: { type: 'EQUIPMENT', code: 'GTIN' },
    epcis: object('arriving', 'in_progress'),
  },
  ContainerGatedOut: {
    meaning: 'A truck took the container through a lane’s exit out of the terminal.',
    meaningZh: '集装箱出闸',
    dcsa: { type: 'EQUIPMENT', code: 'GTOT' },
    epcis: object('departing', 'in_transit'),
  },
  PassRefused: {
    meaning: 'A truck, with what it carried, was turned away at a lane.',
    meaningZh: '过闸被拒',
    dcsa: null,
    epcis: object('accepting', 'unavailable'),
  },
  ZoneEntered: {
    meaning: 'An asset came into a zone.',
    meaningZh: '进入区域',
    dcsa: { type: 'IOT', code: 'GEOFENCE_ENTRY' },
    epcis: object('transporting', 'in_transit'),
  },
  ZoneExited: {
    meaning: 'An asset left a zone.',
    meaningZh: '离开区域',
    dcsa: { type: 'IOT', code: 'GEOFENCE_EXIT' },
    epcis: object('transporting', 'in_transit'),
  },
  ZoneCrossed: {
    meaning: 'An asset passed through a whole zone between two fixes; both times are interpolated.',
    meaningZh: '穿越区域',
    dcsa: null,
    epcis: object('transporting', 'in_transit'),
  },
  ObservationResolved: {
    meaning: 'A person said which container an unresolved reading was; reading and answer are both kept.',
    meaningZh: '人工确认箱号',
    dcsa: null,
    epcis: { type: 'AssociationEvent', action: 'ADD', bizStep: 'installing', disposition: null },
  },
  InspectionNoticed: {
    meaning: 'Customs announced that they will inspect the container; it waits for them.',
    meaningZh: '海关通知查验',
    dcsa: { type: 'SHIPMENT', code: 'HOLD' },
    epcis: object('holding', 'unavailable'),
  },
  InspectionReleased: {
    meaning: 'Customs are done with the container that they had announced to inspect.',
    meaningZh: '海关查验放行',
    dcsa: { type: 'SHIPMENT', code: 'RELS' },
    epcis: object('inspecting', 'available'),
  },
  EventWithdrawn: {
    meaning: 'An earlier event no longer stands: later knowledge showed that it did not happen so.',
    meaningZh: '事件撤销',
    dcsa: null,
    epcis: object(null, null),
  },
} as const satisfies Record<string, EventKindRow>;

export type EventKind = keyof typeof EVENT_KINDS;
