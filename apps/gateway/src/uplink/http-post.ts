import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface PostAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What an attempt says of its sender: made anew for each, for the request target and the body's bytes. */
export type SenderHeaders = (target: string, body: Buffer) => Readonly<Record<string, string>>;

/** More of an answer is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** POSTs JSON over one kept connection. */
export class JsonPoster {
  private readonly agent: HttpAgent | HttpsAgent;
  private readonly secure: boolean;

  constructor(
    private readonly base: string,
    private readonly sender: SenderHeaders,
  ) {
    this.secure = new URL(base).protocol === 'https:';
    const options = { keepAlive: true, maxSockets: 1 };
    this.agent = this.secure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /**
   * Rejects when no answer came: no connection, lost in the middle, `signal` fired. A kept connection that the far end had
   * closed meanwhile is replaced once without a word; a batch that is told twice is harmless.
   */
  async post(path: string, json: string, signal: AbortSignal): Promise<PostAnswer> {
    try {
      return await this.attempt(path, json, signal);
    } catch (error) {
      if (!(error instanceof StaleConnection) || signal.aborted) throw error;
      return await this.attempt(path, json, signal);
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private attempt(path: string, json: string, signal: AbortSignal): Promise<PostAnswer> {
    const body = Buffer.from(json);
    const url = new URL(path, this.base);
    return new Promise((resolve, reject) => {
      const request = (this.secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: this.agent,
        signal,
        headers: {
          ...this.sender(`${url.pathname}${url.search}`, body),
          'content-type': 'application/json',
          'content-length': body.length,
        },
      });
      request.setNoDelay(true);
      request.on('error', (error) => {
        reject(request.reusedSocket ? new StaleConnection(error.message, { cause: error }) : error);
      });
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        let length = 0;
        response.on('data', (part: Buffer) => {
          length += part.length;
          if (length <= MAX_ANSWER_BYTES) parts.push(part);
          else response.destroy(new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`));
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString('utf8'),
          }),
        );
        response.on('error', reject);
        response.on('aborted', () => reject(new Error('the answer was cut off')));
      });
      request.end(body);
    });
  }
}

class StaleConnection extends Error {}
