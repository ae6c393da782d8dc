import { AssetEntity } from './asset.entity.js';
import { AssetStateEntity } from './asset-state.entity.js';
import { BindingEntity } from './binding.entity.js';
import { DeviceHealthEntity } from './device-health.entity.js';
import { FenceCheckpointEntity } from './fence-checkpoint.entity.js';
import { GateEntity } from './gate.entity.js';
import { GatewayHealthEntity } from './gateway-health.entity.js';
import { GatewayStreamEntity } from './gateway-stream.entity.js';
import { LaneEntity } from './lane.entity.js';
import { ObservationEntity } from './observation.entity.js';
import { RefusedInputEntity } from './refused-input.entity.js';
import { SandboxEntity, SandboxMemberEntity } from './sandbox.entity.js';
import { SiteEntity } from './site.entity.js';
import { ZoneEntity } from './zone.entity.js';

/** The tables of this room, listed by hand. */
export const trackingEntities = [
  SiteEntity,
  ZoneEntity,
  GateEntity,
  LaneEntity,
  SandboxEntity,
  SandboxMemberEntity,
  AssetEntity,
  BindingEntity,
  AssetStateEntity,
  FenceCheckpointEntity,
  ObservationEntity,
  RefusedInputEntity,
  GatewayStreamEntity,
  DeviceHealthEntity,
  GatewayHealthEntity,
] as const;
