import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { faultOf, faultText } from './delivery-fault.js';
import { allowedNetworks } from './outward-address.js';
import { postOutward } from './post-outward.js';

const { people } = JSON.parse(
  readFileSync(new URL('../../../../fixtures/vectors/certificates.json', import.meta.url), 'utf8'),
) as { readonly people: { readonly p256: { readonly certificate: string; readonly key: string } } };
const UNVOUCHED = { cert: people.p256.certificate, key: people.p256.key };
const LOCAL = allowedNetworks(['127.0.0.0/8', '::1/128']);
const servers: Server[] = [];

afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function at(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** What the log says of a message to it. */
async function told(url: string, { timeoutMs = 60_000, allowed = LOCAL } = {}): Promise<string> {
  const raised: unknown = await postOutward({ url: new URL(url), headers: {}, body: '{}', timeoutMs, allowed }).catch(
    (error: unknown) => error,
  );
  return faultText(faultOf(raised));
}

describe('an attempt without an answer is told by a word of ours', () => {
  it('for a certificate that nobody vouches for', async () => {
    const port = await at(createTlsServer(UNVOUCHED, (_request, answer) => answer.end()));
    expect(await told(`https://127.0.0.1:${port}/`)).toMatch(/^TLS: /);
  });

  it('for a port that speaks no TLS, without OpenSSL’s text', async () => {
    const port = await at(createServer((_request, answer) => answer.end()));
    const text = await told(`https://127.0.0.1:${port}/`);
    expect(text).toBe('TLS: the certificate does not hold, or what speaks there is no TLS');
    expect(text).not.toMatch(/ssl|:\w+:/i);
  });

  it('for a port where nobody listens', async () => {
    const server = createPlainServer();
    const port = await at(server);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await told(`http://127.0.0.1:${port}/`)).toMatch(/^REFUSED: /);
  });

  it('for a name that has no address', async () => {
    expect(await told('https://no-such-host.invalid/')).toMatch(/^DNS: /);
  });

  it('for an inward address', async () => {
    expect(await told('https://localhost/', { allowed: allowedNetworks([]) })).toMatch(/^INWARD: /);
  });

  it.each([
    ['one who never answers', ''],
    ['one who never ends the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
  ])('for %s', async (_who, says) => {
    const port = await at(
      createPlainServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.write(says));
      }),
    );
    expect(await told(`http://127.0.0.1:${port}/`, { timeoutMs: 50 })).toMatch(/^TIMEOUT: /);
  });

  it.each([
    ['one who hangs up', '', 'CLOSED'],
    ['one who hangs up within the answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', 'CLOSED'],
    ['one who speaks no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'PROTOCOL'],
  ])('for %s', async (_who, says, word) => {
    const port = await at(
      createPlainServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(says));
      }),
    );
    expect(await told(`http://127.0.0.1:${port}/`)).toMatch(new RegExp(`^${word}: `));
  });

  it.each([new Error('wrong version number'), 'text', null, { code: 7 }, { code: 'ESOMETHING' }])(
    'and by OTHER where nobody knows: %j',
    (error) => {
      expect(faultText(faultOf(error))).toBe('OTHER: it could not be sent');
    },
  );
});
