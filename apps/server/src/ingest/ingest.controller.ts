import { bearerToken, Identity, type GatewayPrincipal } from '#libs/identity';
import { DomainError, type Logger } from '#libs/kernel';
import type { UplinkAnswer } from '#libs/lane';
import { Ingest } from '#libs/tracking';
import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { LOGGER } from '../operations/logger.token.js';
import { Metrics } from '../operations/metrics.js';
import { parseBatch, parseHealthReport } from './uplink.schema.js';

/** Where gateways bring what they have. The answer goes out after the commit. */
@Controller('ingest/v1')
export class IngestController {
  constructor(
    private readonly identity: Identity,
    private readonly ingest: Ingest,
    private readonly metrics: Metrics,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Post('batches')
  @HttpCode(200)
  async batches(
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<UplinkAnswer> {
    const gateway = await this.identity.gatewayOf(bearerToken(authorization));
    const batch = parseBatch(body, Date.now());
    refuseForeign(gateway, batch);
    const malformed = batch.items.filter((item) => item.kind === 'refused' && item.refused.reason === 'malformed_item');
    if (malformed.length > 0) {
      this.logger.warn(
        { gatewayId: gateway.gatewayId, items: malformed.length },
        'malformed items were kept as refused',
      );
    }
    const end = this.metrics.ingestSeconds.startTimer();
    const answer = await this.ingest.accept(batch);
    end();
    for (const { kind } of batch.items) this.metrics.ingestedItems.inc({ kind });
    return answer;
  }

  @Post('health')
  @HttpCode(204)
  async health(@Headers('authorization') authorization: string | undefined, @Body() body: unknown): Promise<void> {
    const gateway = await this.identity.gatewayOf(bearerToken(authorization));
    const report = parseHealthReport(body, Date.now());
    refuseForeign(gateway, report);
    await this.ingest.reportHealth(report);
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
