import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to connections and to `listen(0)` (32768 and up on Linux, 49152 and up elsewhere), so that
 * nobody gets one by chance while a spec's service is not listening, before its start or between two of them; and below those
 * that the simulator looks for (21000 and up).
 */
const [FIRST, COUNT] = [12_000, 9_000];

/**
 * A TCP port on which nobody listens, and which no other spec of this machine is given while this process lives: the UDP port
 * of the same number is held as the sign of it.
 */
export async function reservePort(): Promise<number> {
  const start = Math.floor(Math.random() * COUNT);
  for (let tried = 0; tried < COUNT; tried += 1) {
    const port = FIRST + ((start + tried) % COUNT);
    if ((await hold(port)) && (await isFree(port, '127.0.0.1')) && (await isFree(port, undefined))) return port;
  }
  throw new Error(`none of the ports from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

/** Until the process ends. */
async function hold(port: number): Promise<boolean> {
  const sign = createSocket('udp4');
  sign.bind({ port, address: '127.0.0.1', exclusive: true });
  try {
    await once(sign, 'listening');
  } catch {
    sign.close();
    return false;
  }
  sign.unref();
  return true;
}

async function isFree(port: number, host: string | undefined): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
