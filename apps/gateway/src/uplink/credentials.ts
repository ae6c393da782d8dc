import type { SenderHeaders } from './http-post.js';

/** A key that the gateway needs, or should have: its first one, or the one that follows. */
export type KeyWish = 'ENROL' | 'CHANGE';

export interface KeyAsked {
  readonly path: string;
  readonly json: string;
}

/** What the operator gave the gateway to prove who it is with. Beside its key, and a code that it has used, neither is needed. */
export interface GatewayProof {
  readonly code: string | null;
  readonly token: string | null;
}

/** How the gateway proves who it is. */
export interface UplinkCredentials {
  readonly headers: SenderHeaders;
  /** Whether there is something to prove it with. */
  readonly canSend: boolean;
  readonly wish: KeyWish | null;
  /** The request for the key that is wished for; the same each time until it is answered, also behind a restart. */
  ask(): Promise<KeyAsked>;
  /** Takes the service's answer and makes the key durable. @throws Error for an answer that is none: the former key stays */
  take(answer: string): Promise<void>;
  /** The service refuses it: nothing more is wished for in this process, unless there is no other key. */
  giveUp(): void;
  /** The service asks for another key in the place of this one. */
  onChangeAsked(keyId: string): void;
}

/** A token of the operator's, where the service allows one. */
export class BearerToken implements UplinkCredentials {
  readonly canSend = true;
  readonly wish = null;
  readonly headers: SenderHeaders;

  constructor(token: string) {
    this.headers = () => ({ authorization: `Bearer ${token}` });
  }

  ask(): Promise<KeyAsked> {
    return Promise.reject(new Error('a bearer token is not asked for'));
  }

  take(): Promise<void> {
    return Promise.reject(new Error('a bearer token is not answered'));
  }

  giveUp(): void {
    // nothing is ever wished for
  }

  onChangeAsked(): void {
    // a token has no key id
  }
}
