export type EpcFaultReason =
  | 'hex'
  | 'pc'
  | 'length'
  | 'unknown_header'
  | 'partition'
  | 'range'
  | 'characters'
  | 'reserved'
  | 'data_identifier'
  | 'unknown_scheme'
  | 'syntax';

/** Carries a refusal out of the tables below; the doors (decodeEpc, parseEpcUri, encodeEpc) turn it into an answer. */
export class EpcFault extends Error {
  constructor(
    readonly reason: EpcFaultReason,
    detail: string,
  ) {
    super(detail);
    this.name = 'EpcFault';
  }
}
