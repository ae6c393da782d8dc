import { describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { reservePort } from '../../../../test/support/ports.js';
import { nextFreePort, portFrom } from './ports.js';

const listenOn = (host: string): Promise<{ server: Server; port: number }> =>
  new Promise((resolve) => {
    const server = createServer();
    server.listen(0, host, () => resolve({ server, port: (server.address() as AddressInfo).port }));
  });

describe('the port of a start', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('is a later one when %s holds the wanted one', async (host) => {
    const { server, port } = await listenOn(host);
    const found = await nextFreePort(port);
    server.close();
    expect(found).toBeGreaterThan(port);
  });

  it('is the wanted one when that is free', async () => {
    const port = await reservePort();
    expect(await nextFreePort(port)).toBe(port);
  });

  it('refuses what is no port, by name', () => {
    expect(portFrom(undefined, 3000)).toBe(3000);
    expect(portFrom('8080', 3000)).toBe(8080);
    for (const wrong of ['0', '65536', '80a', '-1', '3000.5', '1e3']) {
      expect(() => portFrom(wrong, 3000)).toThrow(`PORT is "${wrong}"`);
    }
  });
});
