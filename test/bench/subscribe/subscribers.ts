/**
 * A process of many subscribers: what a client costs must not be counted with the service. Told over IPC
 * `{url, tokens}` it opens a socket a token, and tells `{open}`, then `{at: […]}` for each event that came, in milliseconds of this machine's clock.
 */
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';

interface Order {
  readonly url: string;
  readonly tokens: readonly string[];
}

const QUERY = 'subscription { eventRecorded { kind occurredAt containerNumber } }';
/** Handshakes under way at once. */
const AT_ONCE = 50;

const now = (): number => performance.timeOrigin + performance.now();

let heard: number[] = [];
let isTold = false;

function hear(): void {
  heard.push(now());
  if (isTold) return;
  isTold = true;
  // One message for a burst: telling must not slow down hearing.
  setTimeout(() => {
    process.send?.({ at: heard });
    heard = [];
    isTold = false;
  }, 200);
}

function subscribe(url: string, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          type: 'connection_init',
          payload: { authorization: `Bearer ${token}`, caseNumber: 'BENCH-0001' },
        }),
      ),
    );
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as { readonly type: string };
      if (message.type === 'connection_ack') {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } }), () => resolve());
      } else if (message.type === 'next') hear();
      else if (message.type === 'error') reject(new Error(JSON.stringify(message)));
    });
    socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('error', reject);
  });
}

process.on('message', ({ url, tokens }: Order) => {
  const waiting = [...tokens];
  const worker = async (): Promise<void> => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) await subscribe(url, token);
  };
  Promise.all(Array.from({ length: AT_ONCE }, worker)).then(
    () => process.send?.({ open: tokens.length }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
