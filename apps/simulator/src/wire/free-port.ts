import { DomainError } from '#libs/kernel';
import type { DeviceServer } from './device-server.js';

/** Ports are looked for from here on: below those that systems give to outgoing connections, which could take one of ours. */
const FIRST_PORT = 21_000;
const LAST_PORT = 32_767;

/** Opens one server after the other, each on the next port that is free. */
export class FreePorts {
  private next = FIRST_PORT;

  /** @throws DomainError UNAVAILABLE when all are taken */
  async listen(server: DeviceServer): Promise<number> {
    for (; this.next <= LAST_PORT; this.next += 1) {
      const port = await tryListen(server, this.next);
      if (port !== null) {
        this.next += 1;
        return port;
      }
    }
    throw new DomainError('UNAVAILABLE', { expected: `a free port between ${FIRST_PORT} and ${LAST_PORT}` });
  }
}

/** The port, or null when somebody has it. */
export async function tryListen(server: DeviceServer, port: number): Promise<number | null> {
  try {
    return await server.listen(port);
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
