import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { InwardAddress, isOutward, outwardLookup, type AllowedNetworks } from './outward-address.js';

export interface OutwardPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly allowed: AllowedNetworks;
}

/** Of an answer's body, for the log. */
const KEPT_BYTES = 500;

export interface OutwardAnswer {
  readonly status: number;
  /** The first 500 bytes. */
  readonly text: string;
}

/**
 * Posts once; follows no redirect, keeps no connection, and reads no more of the answer than the log keeps.
 * @throws Error when there is no answer, of one of DELIVERY_FAULTS or of a kind that nobody knows
 */
export function postOutward({ url, headers, body, timeoutMs, allowed }: OutwardPost): Promise<OutwardAnswer> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // A literal address is connected to without asking any name service.
    if (isIP(host) !== 0 && !isOutward(host, allowed)) return reject(new InwardAddress(host));
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      lookup: outwardLookup(allowed),
      agent: false,
    });
    // The word first: what breaks by its end is told as broken.
    const late = setTimeout(() => {
      reject(new NoAnswer(timeoutMs));
      request.destroy();
    }, timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(late);
      reject(error);
    };
    request.on('response', (answer) => {
      read(answer).then((text) => {
        clearTimeout(late);
        resolve({ status: answer.statusCode ?? 0, text });
      }, fail);
    });
    request.on('error', fail);
    request.end(body);
  });
}

class NoAnswer extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'NoAnswer';
  }
}

async function read(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes >= KEPT_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, KEPT_BYTES).toString('utf8');
}
