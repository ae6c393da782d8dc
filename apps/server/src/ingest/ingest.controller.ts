import type { GatewayPrincipal } from '#libs/identity';
import { DomainError, type Logger } from '#libs/kernel';
import type { UplinkAnswer } from '#libs/lane';
import { Ingest } from '#libs/tracking';
import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER } from '../operations/logger.token.js';
import { Metrics } from '../operations/metrics.js';
import { UplinkDoor } from './uplink-door.js';
import { parseBatch, parseHealthReport } from './uplink.schema.js';

/** Where gateways bring what they have. The answer goes out after the commit. */
@Controller('ingest/v1')
export class IngestController {
  constructor(
    private readonly door: UplinkDoor,
    private readonly ingest: Ingest,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post('batches')
  @HttpCode(200)
  batches(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<UplinkAnswer> {
    return this.door.receive(request, reply, body, async ({ gateway, content, admission }) => {
      const batch = parseBatch(content, Date.now());
      refuseForeign(gateway, batch);
      const malformed = batch.items.filter(
        (item) => item.kind === 'refused' && item.refused.reason === 'malformed_item',
      );
      if (malformed.length > 0) {
        this.logger.warn(
          { gatewayId: gateway.gatewayId, items: malformed.length },
          'malformed items were kept as refused',
        );
      }
      const end = this.metrics.ingestSeconds.startTimer();
      const answer = await this.ingest.accept(batch, admission);
      end();
      for (const { kind } of batch.items) this.metrics.ingestedItems.inc({ kind });
      return answer;
    });
  }

  @Post('health')
  @HttpCode(204)
  health(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<void> {
    return this.door.receive(request, reply, body, async ({ gateway, content, admission }) => {
      const report = parseHealthReport(content, Date.now());
      refuseForeign(gateway, report);
      await this.ingest.reportHealth(report, admission);
    });
  }
}

/** A gateway speaks for itself and for its site alone. */
function refuseForeign(gateway: GatewayPrincipal, told: GatewayPrincipal): void {
  for (const field of ['gatewayId', 'siteId'] as const) {
    if (told[field] !== gateway[field]) {
      throw new DomainError('FORBIDDEN', { field, value: told[field], expected: gateway[field] });
    }
  }
}
