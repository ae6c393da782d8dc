import type { AssetRef } from '#libs/journal';
import type { ReadingRef } from '#libs/telemetry';

export const assetKey = (asset: AssetRef): string => `${asset.kind}:${asset.code}`;

/** `device/boot/sequence`: how a reading is named as a cause. */
export const refKey = (ref: ReadingRef): string => `${ref.deviceId}/${ref.boot}/${ref.sequence}`;
