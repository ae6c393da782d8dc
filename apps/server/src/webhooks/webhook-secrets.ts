import type { SecretBox } from '#libs/identity';

/** Secrets of endpoints, sealed under the installation's key for their endpoint alone. */
export class WebhookSecrets {
  constructor(private readonly box: SecretBox) {}

  seal(endpointId: string, secret: Buffer): Buffer {
    return this.box.seal(secret, contextOf(endpointId));
  }

  open(endpointId: string, sealed: Buffer): Buffer {
    return this.box.open(sealed, contextOf(endpointId));
  }
}

const contextOf = (endpointId: string): string => `webhook ${endpointId}`;
