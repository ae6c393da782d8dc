import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Gateway, type GatewayOptions } from './gateway.js';
import { HealthController } from './health.controller.js';

@Module({})
export class GatewayModule implements OnApplicationShutdown {
  constructor(private readonly gateway: Gateway) {}

  static with(options: GatewayOptions): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [HealthController],
      providers: [{ provide: Gateway, useFactory: () => Gateway.start(options) }],
      exports: [Gateway],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.gateway.stop();
  }
}
