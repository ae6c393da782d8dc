import { createHmac } from 'node:crypto';
import { newId, type Logger } from '#libs/kernel';

/** Brings a code to a telephone. */
export interface SmsSender {
  /** @throws Error when it cannot be brought on its way */
  send(phone: string, code: string): Promise<void>;
}

/** For the demonstration: the operator reads the code in the log. */
export class LoggedSms implements SmsSender {
  constructor(private readonly logger: Logger) {}

  send(phone: string, code: string): Promise<void> {
    this.logger.info({ phone: `…${phone.slice(-4)}`, code }, 'a code for a telephone; the demonstration sends none');
    return Promise.resolve();
  }
}

const ANSWER_WITHIN_MS = 10_000;

/** Posts `{phone, code}` to the operator's gateway for text messages, signed as Standard Webhooks 1.0 are. */
export class PostedSms implements SmsSender {
  private readonly key: Buffer;

  /** @param secret what the receiver checks the signature with: `whsec_` and base64, or any text */
  constructor(
    private readonly url: string,
    secret: string,
  ) {
    const [, encoded] = secret.split('whsec_');
    this.key = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  }

  async send(phone: string, code: string): Promise<void> {
    const [id, timestamp] = [newId(), Math.floor(Date.now() / 1_000).toString()];
    const body = JSON.stringify({ phone, code });
    const signature = createHmac('sha256', this.key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
      // a gateway that moved is for the operator to see, and no code goes where it was not meant to
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the gateway for text messages answered ${answer.status}`);
  }
}
