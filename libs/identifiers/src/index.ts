export { accept, refuse, type Parsed, type Refused } from './parsed.js';
export {
  containerCheckDigit,
  normaliseContainerNumber,
  parseContainerNumber,
  type ContainerNumber,
  type ContainerNumberFault,
  type EquipmentCategory,
} from './iso6346.js';
export { nearbyContainerNumbers, type ContainerProposal } from './nearby-container-numbers.js';
export { decodeEpc, type ClassicEpc, type PlusEpc, type TagIdentity } from './epc/decode-epc.js';
export { encodeEpc, encodeGiai96, encodeGrai96 } from './epc/encode-epc.js';
export { encodeIso17363, type IsoUii, type TagBank } from './epc/iso-uii.js';
export { parseEpcUri, type EpcUri, type GtinForm } from './epc/parse-epc-uri.js';
export type { EpcFaultReason } from './epc/epc-fault.js';
export {
  normaliseLicencePlate,
  parseLicencePlate,
  type LicencePlate,
  type LicencePlateFault,
  type LicencePlateKind,
} from './licence-plate.js';
export { normaliseSealNumber } from './seal-number.js';
export { parseUnlocode, type Unlocode, type UnlocodeFault } from './unlocode.js';
export { decodeIdentifier, type DecodeIdentifierOptions, type NormalisedContainerNumber } from './decode-identifier.js';
export { parseSizeType, type SizeType, type SizeTypeFault, type SizeTypeGroup } from './size-type.js';
export { creditCodeCheckCharacter, parseCreditCode, type CreditCode, type CreditCodeFault } from './credit-code.js';
