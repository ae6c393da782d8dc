import { randomBytes } from 'node:crypto';
import type { AllowedNetworks } from '#libs/exchange';
import { SecretBox } from '#libs/identity';
import type { Provider } from '@nestjs/common';
import { WEBHOOK_NETWORKS, WebhookDesk } from './webhook-desk.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WEBHOOK_TIMES, WEBHOOK_TIMES_TOKEN, type WebhookTimes } from './webhook-worker.js';

export interface WebhookOptions {
  /** Seals the secrets of endpoints; without one they last as long as the process. */
  readonly box?: SecretBox;
  readonly networks?: AllowedNetworks;
  readonly times?: Partial<WebhookTimes>;
}

const KEY_BYTES = 32;

export function webhookProviders({ box, networks = [], times }: WebhookOptions): Provider[] {
  return [
    { provide: WebhookSecrets, useValue: new WebhookSecrets(box ?? new SecretBox(randomBytes(KEY_BYTES))) },
    { provide: WEBHOOK_NETWORKS, useValue: networks },
    { provide: WEBHOOK_TIMES_TOKEN, useValue: { ...WEBHOOK_TIMES, ...times } },
    WebhookDesk,
  ];
}
