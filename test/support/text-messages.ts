import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TextMessage {
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** A gateway for text messages that keeps what it was asked to send. */
export class TextMessages {
  readonly sent: TextMessage[] = [];
  private waiting: (() => void) | null = null;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<TextMessages> {
    const server = createServer();
    const gateway = new TextMessages(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.end();
        gateway.sent.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
        gateway.waiting?.();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/send`;
  }

  /** The next message that is not there yet when `asked` begins. */
  async next(asked: () => Promise<unknown>): Promise<TextMessage> {
    const before = this.sent.length;
    await asked();
    while (this.sent.length === before) await new Promise<void>((resolve) => (this.waiting = resolve));
    const message = this.sent[before];
    if (message === undefined) throw new Error('no message was sent');
    return message;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
