import { changeKey, exchangeCode, SecretBox, type GivenKey } from '#libs/identity';
import { DomainError } from '#libs/kernel';
import type { EnrolAnswer } from '#libs/lane';
import { Database } from '#libs/persistence';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OperationGate } from '../api/shared/operation-gate.js';
import { jsonOf, UplinkDoor } from './uplink-door.js';

const publicValue = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .transform((text) => Buffer.from(text, 'base64url'));
const name = z.string().min(1).max(200);
const enrolment = z.object({ code: z.string().min(1).max(64), gatewayId: name, siteId: name, publicValue });
const change = z.object({ publicValue });

/** Where a gateway comes to its keys: the first one by a code, the next ones by the one before. */
@Controller('ingest/v1')
export class EnrolController {
  constructor(
    private readonly door: UplinkDoor,
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly gate: OperationGate,
  ) {}

  @Post('enrol')
  @HttpCode(200)
  enrol(@Req() request: FastifyRequest, @Body() body: unknown): Promise<EnrolAnswer> {
    return this.door.watched(async () => {
      await this.gate.take({ address: request.ip });
      const { publicValue: machinePublic, ...told } = parsed(enrolment, jsonOf(body));
      const given = await this.database.write((tx) =>
        exchangeCode(tx, this.box, { ...told, machinePublic }, Date.now()),
      );
      return answerOf(given);
    });
  }

  /** Only a key is changed: who has a bearer token comes with a code. */
  @Post('keys')
  @HttpCode(200)
  change(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<EnrolAnswer> {
    return this.door.receive(request, reply, body, async ({ gateway, keyId, content, admission }) => {
      if (keyId === null) throw new DomainError('FORBIDDEN', { field: 'boxtrail-key', expected: 'a signed request' });
      const { publicValue: machinePublic } = parsed(change, content);
      const given = await this.database.write(async (tx) => {
        await admission(tx);
        return changeKey(tx, this.box, { gatewayId: gateway.gatewayId, keyId, machinePublic }, Date.now());
      });
      return answerOf(given);
    });
  }
}

function answerOf({ keyId, servicePublic, confirmation, endsAt }: GivenKey): EnrolAnswer {
  return {
    keyId,
    publicValue: servicePublic.toString('base64url'),
    confirmation,
    endsAt: endsAt?.getTime() ?? null,
  };
}

function parsed<T extends z.ZodType>(schema: T, content: unknown): z.output<T> {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DomainError('INVALID_INPUT', { field: issue?.path.join('.') ?? 'body', expected: issue?.message ?? '' });
}
