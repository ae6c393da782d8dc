import {
  admit,
  bearerToken,
  Identity,
  MachineKeys,
  MachineRefusal,
  wrongSignature,
  type GatewayPrincipal,
  type MachineAlarm,
  type MachineSender,
} from '#libs/identity';
import { DomainError } from '#libs/kernel';
import { CHANGE_KEY_HEADER } from '#libs/lane';
import { isBodyOf, readSigned, type SignedRequest } from '#libs/signing';
import type { Admission } from '#libs/tracking';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Metrics } from '../operations/metrics.js';
import { MachineAlarms } from './machine-alarms.js';

/** How gateways say who they are: by signed requests, or by a bearer token too where the operator allows it. */
export type UplinkAuth = 'signed' | 'signed-or-token';
export const UPLINK_AUTH = Symbol('UplinkAuth');

/** What gateways send, besides the exchange of a code, which has no key yet. */
const SIGNED_ROUTES: ReadonlySet<string> = new Set(['/ingest/v1/batches', '/ingest/v1/health', '/ingest/v1/keys']);
/** Who sends, known from the head of a request. */
interface Knock {
  readonly gateway: GatewayPrincipal;
  /** null: a bearer token. */
  readonly signed: { readonly sender: MachineSender; readonly request: SignedRequest } | null;
  readonly receivedAt: number;
}

/** What a gateway brought, with all that hangs on who it is. */
export interface Delivery {
  readonly gateway: GatewayPrincipal;
  /** null: a bearer token. */
  readonly keyId: string | null;
  /** The body's JSON. */
  readonly content: unknown;
  /** To be run in the transaction that records it. */
  readonly admission: Admission;
}

/** The door of gateways. Who they are is found out before their body is read, and their body's bytes are compared before it is parsed. */
@Injectable()
export class UplinkDoor {
  private readonly knocks = new WeakMap<FastifyRequest, Knock>();

  constructor(
    private readonly identity: Identity,
    private readonly keys: MachineKeys,
    private readonly alarms: MachineAlarms,
    private readonly metrics: Metrics,
    @Inject(UPLINK_AUTH) private readonly auth: UplinkAuth,
  ) {}

  /** Refuses who does not prove to be a gateway before anything of the body was read. */
  guard(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request) => {
      if (SIGNED_ROUTES.has(request.routeOptions.url ?? '')) await this.watched(() => this.knock(request));
    });
  }

  /**
   * Takes what a gateway sends.
   * @param record stores it, with `admission` in its transaction
   * @throws DomainError UNAUTHENTICATED, CLOCK_SKEW, REQUEST_REPLAYED, INVALID_INPUT for what is no JSON, and what `record` throws
   */
  receive<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    body: unknown,
    record: (delivery: Delivery) => Promise<T>,
  ): Promise<T> {
    return this.watched(async () => {
      const knock = this.knocks.get(request);
      if (knock === undefined) throw new DomainError('UNAUTHENTICATED', { field: 'boxtrail-signature' });
      const { gateway, signed, receivedAt } = knock;
      if (signed !== null && !isBodyOf(signed.request, bytesOf(body))) throw wrongSignature(signed.sender, 'BODY');
      const found: { alarm: MachineAlarm | null } = { alarm: null };
      const answer = await record({
        gateway,
        keyId: signed?.sender.keyId ?? null,
        content: jsonOf(body),
        admission: async (tx) => {
          if (signed === null) return;
          found.alarm = await admit(tx, signed.sender, signed.request, { address: request.ip, receivedAt });
        },
      });
      if (found.alarm !== null) await this.alarms.raise(found.alarm);
      if (signed?.sender.shouldChange === true) void reply.header(CHANGE_KEY_HEADER, signed.sender.keyId);
      return answer;
    });
  }

  /** Counts what is refused and raises its alarm. @throws what `work` throws */
  async watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof MachineRefusal) {
        this.metrics.uplinkRefused.inc({ code: error.code });
        if (error.alarm !== null) await this.alarms.raise(error.alarm);
      }
      throw error;
    }
  }

  private async knock(request: FastifyRequest): Promise<void> {
    const receivedAt = Date.now();
    const { method, originalUrl, headers } = request;
    const signed = readSigned(method, originalUrl, headers);
    if (signed === null) {
      this.knocks.set(request, { gateway: await this.byToken(headers.authorization), signed: null, receivedAt });
      return;
    }
    const sender = await this.keys.recognise(signed);
    const gateway = { gatewayId: sender.gatewayId, siteId: sender.siteId };
    this.knocks.set(request, { gateway, signed: { sender, request: signed }, receivedAt });
  }

  private async byToken(authorization: string | undefined): Promise<GatewayPrincipal> {
    if (this.auth === 'signed') {
      throw new DomainError('UNAUTHENTICATED', {
        field: 'boxtrail-signature',
        expected: 'a signed request: BOXTRAIL_UPLINK_AUTH allows no bearer token',
      });
    }
    return this.identity.gatewayOf(bearerToken(authorization));
  }
}

/** Bodies of this door come as bytes; without one there are none. */
function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** @throws DomainError INVALID_INPUT */
export function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(bytesOf(body).toString('utf8'));
  } catch (cause) {
    const expected = cause instanceof Error ? `JSON: ${cause.message}` : 'JSON';
    throw new DomainError('INVALID_INPUT', { field: 'body', expected }, { cause });
  }
}
