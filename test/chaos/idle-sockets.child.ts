/**
 * A process that opens WebSockets and says nothing on them. Told over IPC `{url, count}` it tells `{opened}` once each was opened or refused,
 * and `{closed}`, how many by which code, once all are gone.
 */
import { WebSocket } from 'ws';

interface Order {
  readonly url: string;
  readonly count: number;
}

/** Handshakes under way at once: a listening socket lets no more than 511 wait. */
const AT_ONCE = 200;

function openOne(url: string, gone: (code: number) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.once('open', () => resolve(true));
    socket.once('close', (code) => {
      gone(code);
      resolve(false);
    });
    // a close follows
    socket.once('error', () => undefined);
  });
}

process.on('message', ({ url, count }: Order) => {
  const closed: Record<number, number> = {};
  let left = count;
  let opened = 0;
  let begun = 0;
  const gone = (code: number): void => {
    closed[code] = (closed[code] ?? 0) + 1;
    left -= 1;
    if (left === 0) process.send?.({ closed });
  };
  const worker = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      if (await openOne(url, gone)) opened += 1;
    }
  };
  void Promise.all(Array.from({ length: AT_ONCE }, worker)).then(() => process.send?.({ opened }));
});
process.on('disconnect', () => process.exit());
