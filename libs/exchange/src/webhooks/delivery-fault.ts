/** What an endpoint's owner can mend, by one word; what the machine said of it stays in our log. */
interface FaultRow {
  readonly says: string;
  /** Error codes of Node (`dns`, `net`, `tls`, `http`) that mean it. */
  readonly codes: RegExp;
}

/** Why an attempt had no answer. A word is stable once it was released; what stands behind it is not. */
export const DELIVERY_FAULTS = {
  INWARD: { says: 'the host has an address to which nothing is sent', codes: /^INWARD$/ },
  DNS: { says: 'the host’s name has no address', codes: /^(ENOTFOUND|ENODATA|EAI_\w+)$/ },
  REFUSED: { says: 'nobody takes connections there', codes: /^ECONNREFUSED$/ },
  UNREACHABLE: { says: 'no way leads to the host', codes: /^(EHOST|ENET)(UNREACH|DOWN)$|^EADDRNOTAVAIL$/ },
  TIMEOUT: { says: 'no answer in time', codes: /^ETIMEDOUT$/ },
  TLS: {
    says: 'the certificate does not hold, or what speaks there is no TLS',
    // EPROTO is a handshake that failed; the others are OpenSSL's words for a certificate's fault.
    codes:
      /^(EPROTO|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|(ERR_TLS|ERR_SSL|CERT|CRL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERROR_IN)_\w+)$/,
  },
  CLOSED: {
    says: 'the connection ended before the answer did',
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM_\w+)$/,
  },
  PROTOCOL: { says: 'what answers there is no HTTP', codes: /^HPE_\w+$/ },
} as const satisfies Record<string, FaultRow>;

export type DeliveryFault = keyof typeof DELIVERY_FAULTS | 'OTHER';

const WORDS = Object.keys(DELIVERY_FAULTS) as readonly (keyof typeof DELIVERY_FAULTS)[];

export function faultOf(error: unknown): DeliveryFault {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return 'OTHER';
  return WORDS.find((word) => DELIVERY_FAULTS[word].codes.test(code)) ?? 'OTHER';
}

/** As the delivery log shows it: the word, and what it means. */
export function faultText(fault: DeliveryFault): string {
  return fault === 'OTHER' ? 'OTHER: it could not be sent' : `${fault}: ${DELIVERY_FAULTS[fault].says}`;
}
