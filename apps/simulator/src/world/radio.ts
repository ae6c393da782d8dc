import type { FieldTag } from '#hardware-adapters/r2000';
import type { Lane } from '../../../../fixtures/index.js';
import { hashToUnit } from './random.js';
import type { SitePlan, Tag } from './site-plan.js';
import { inLaneM, type TruckState, type World } from './world.js';

/** Metres from the lane's centre to each antenna, along the way in; antenna 1 looks at the land side, 2 at the terminal. */
const ANTENNA_AT_M = { landside: -4, terminalside: 4 } as const;
/** An antenna hangs this high above a tag, and the nearest tag answers this strong. */
const HEIGHT_M = 3;
const NEAREST_DBM = -38;
/** There and back: 40 dB a decade. */
const DB_PER_DECADE = 40;
const BEHIND_DB = -8;
const BOX_TAG_DB = -6;
const SENSITIVITY_DBM = -68;
const LANE_WIDTH_M = 6;

/** Metres of a tag behind the truck's front. */
const WINDSCREEN_M = 1.5;
const BOX_TAGS_M = { first: 5, second: 11.5, only: 8 } as const;

/**
 * Every tag that the lane's reader could hear now, with its strength before each antenna that it reaches. Tags of the
 * neighbour lanes reach over now and then, weakly. The same world gives the same field.
 */
export function radioField(plan: SitePlan, world: World, lane: Lane): FieldTag[] {
  const field: FieldTag[] = [];
  for (const truck of world.trucks) {
    if (truck.pass === null || truck.laneId === null) continue;
    const p = inLaneM(plan, truck);
    const own = plan.lanes.find(({ laneId }) => laneId === truck.laneId);
    if (p === null || own === undefined) continue;
    const lanesApart = Math.abs(own.number - lane.number);
    if (lanesApart > 1 || own.gateId !== lane.gateId) continue;
    const strayDb = lanesApart === 0 ? 0 : truck.pass.strayDb;
    for (const { tag, behindM, extraDb } of tagsOn(plan, truck)) {
      const place = (p - behindM) * (truck.pass.direction === 'IN' ? 1 : -1);
      for (const side of ['landside', 'terminalside'] as const) {
        const aheadM = (place - ANTENNA_AT_M[side]) * (side === 'landside' ? -1 : 1);
        const distanceM = Math.hypot(aheadM, lanesApart * LANE_WIDTH_M, HEIGHT_M);
        // standing waves between truck, roof and road: a few decibels up and down within a metre
        const fading = 2 * Math.sin(place * 2.1 + hashToUnit(tag.epc, lane.number) * 2 * Math.PI);
        const rssiDbm =
          NEAREST_DBM -
          DB_PER_DECADE * Math.log10(distanceM / HEIGHT_M) +
          (aheadM < -1 ? BEHIND_DB : 0) +
          extraDb +
          strayDb +
          fading;
        if (rssiDbm < SENSITIVITY_DBM) continue;
        for (const antenna of lane.antennaGroups[side]) field.push({ antenna, ...tag, rssiDbm: Math.round(rssiDbm) });
      }
    }
  }
  return field;
}

function tagsOn(
  plan: SitePlan,
  truck: TruckState,
): { readonly tag: Tag; readonly behindM: number; readonly extraDb: number }[] {
  const onTruck = plan.trucks.get(truck.truckId)?.tag ?? null;
  const placed = truck.boxes.map((number, index) => ({
    tag: plan.boxes.get(number)?.tag ?? null,
    behindM: truck.boxes.length === 1 ? BOX_TAGS_M.only : index === 0 ? BOX_TAGS_M.first : BOX_TAGS_M.second,
    extraDb: BOX_TAG_DB,
  }));
  return [{ tag: onTruck, behindM: WINDSCREEN_M, extraDb: 0 }, ...placed].flatMap(({ tag, behindM, extraDb }) =>
    tag === null ? [] : [{ tag: { pc: tag.pc, epc: tag.epc }, behindM, extraDb }],
  );
}

/** About once a second a tag has forgotten that it was read (session S1, ISO/IEC 18000-63) and answers again. */
const ANSWER_EVERY_MS = 900;
/** Long enough for one inventory round of a reader that takes turns between two antennas. */
const ANSWERING_MS = 110;
const MISSED_SHARE = 0.12;

/**
 * Whether the tag answers the antenna at `at`, in milliseconds of the clock; it depends on nothing else. A truck that passes
 * `speed` times as fast is heard as often in its shorter time, as far as the rounds of a reader allow.
 */
export function answers({ epc, antenna }: Pick<FieldTag, 'epc' | 'antenna'>, at: number, speed = 1): boolean {
  const everyMs = Math.max(ANSWERING_MS, ANSWER_EVERY_MS / speed);
  const turn = Math.floor(at / everyMs);
  const word = `${epc}/${antenna}`;
  if (hashToUnit(word, turn * 2) < MISSED_SHARE) return false;
  const from = hashToUnit(word, turn * 2 + 1) * (everyMs - ANSWERING_MS);
  const into = at - turn * everyMs;
  return into >= from && into < from + ANSWERING_MS;
}
