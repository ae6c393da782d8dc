import { createServer } from 'node:net';
import { DomainError } from '#libs/kernel';

/**
 * The wanted port, or the next free one. Both 127.0.0.1 and all addresses must be free: a stranger who holds the first
 * alone would get our visitors.
 * @throws DomainError UNAVAILABLE when a hundred in a row are taken
 */
export async function nextFreePort(wanted: number): Promise<number> {
  for (let port = wanted; port < Math.min(wanted + 100, 65_536); port += 1) {
    if ((await canListen(port, '127.0.0.1')) && (await canListen(port, undefined))) {
      return port;
    }
  }
  throw new DomainError(
    'UNAVAILABLE',
    { field: 'PORT', value: wanted },
    { message: `No port from ${wanted} on is free. Set PORT.` },
  );
}

export function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });
}

/** @throws DomainError INVALID_CONFIG */
export function portFrom(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') {
    return fallback;
  }
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new DomainError(
      'INVALID_CONFIG',
      { field: 'PORT', value: text, expected: '1 to 65535' },
      { message: `PORT is "${text}"; it must be a number from 1 to 65535.` },
    );
  }
  return port;
}
