import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { drawSecret, secretText, signedHeaders } from './standard-webhooks.js';

describe('a signed message', () => {
  it('has the signature that openssl computes', () => {
    // Standard Webhooks, "Signature scheme": computed with openssl:
    // printf 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' | base64 -d | xxd -p -c 64) -binary | base64
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330_000, '{"test": 2432232314}', [secret])).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is verified by another implementation, under the new and the former secret', () => {
    const [secret, former] = [drawSecret(), drawSecret()];
    const body = '{"type":"ContainerGatedIn"}';
    const headers = { ...signedHeaders('evt_1', Date.now(), body, [secret, former]) };
    for (const known of [secret, former]) {
      expect(new Webhook(secretText(known)).verify(body, headers)).toEqual({ type: 'ContainerGatedIn' });
    }
    expect(() => new Webhook(secretText(drawSecret())).verify(body, headers)).toThrow();
    expect(() => new Webhook(secretText(secret)).verify(`${body} `, headers)).toThrow();
  });
});
