import {
  decodeEpc,
  normaliseContainerNumber,
  normaliseSealNumber,
  parseContainerNumber,
  parseLicencePlate,
} from '#libs/identifiers';
import type { BoxEvidence, PassException, ResolvedBox, ResolvedPass } from '#libs/gate';
import { derivedId } from '#libs/kernel';
import type { LanePass, OcrEvidence, TagEvidence } from '#libs/lane';
import type { BoxPosition, ReadingRef } from '#libs/telemetry';
import type { BindingBook } from './binding-book.js';

/** More boxes than a chassis carries: two of 20 feet, or one longer. */
const MOST_BOXES = 2;

/**
 * Two trucks are first seen this far apart: the next one's front is a truck's length behind, 2 s at 15 km/h even for one without a
 * chassis. What is read twice of one truck, by two tags or as a plate misread, comes within a second.
 */
const TRUCKS_APART_MS = 2_000;

/** A reading that names no box, kept for a person. */
export interface Unresolved {
  readonly id: string;
  readonly reason: 'TAG_WITHOUT_BINDING' | 'CHECK_DIGIT' | 'NOT_A_CONTAINER_NUMBER';
  readonly seen: string;
  readonly ref: ReadingRef;
  readonly at: number;
}

export interface LanePlace {
  readonly gateId: string;
  readonly zoneId: string | null;
}

/** What the fixtures or the terminal say of a truck; null when nothing is known. */
export interface TruckRecord {
  readonly chassisPlate: string | null;
  readonly driverId: string | null;
  /** Mass of tractor and chassis without a box; null when nobody weighed it. */
  readonly tareKg: number | null;
}

/** A 45-foot box weighs at most 5 t empty; one with cargo worth a journey weighs more than 6.5 t. Between them the scale does not tell. */
const HEAVIEST_EMPTY_KG = 5_000;
const LIGHTEST_LADEN_KG = 6_500;

/**
 * Names truck and boxes of a lane's pass. Pure.
 *
 * - A tag is what it is bound to at that moment. An unbound ISO 17363 tag speaks for itself when its check digit holds.
 * - A camera's number counts when its check digit holds. One that does not, but is one character from a box of the same
 *   pass, is that box misread; any other is unresolved.
 * - Tags and cameras must agree: a tagged box that no camera saw although cameras saw boxes, or two names of one truck, is an
 *   exception for a person. Nothing is dropped.
 * - Two truck tags, or two plates, first seen at clearly different times are two trucks that the lane could not tell apart.
 */
export function resolvePass(
  pass: LanePass,
  receivedAt: number,
  bindings: BindingBook,
  /** null: the terminal has no such lane. */
  place: LanePlace | null,
  truckRecord: (plate: string) => TruckRecord | null,
): { readonly pass: ResolvedPass; readonly unresolved: readonly Unresolved[] } {
  const tags = pass.tags.map((tag) => ({ tag, claim: claimOfTag(tag, bindings) }));
  const readings = pass.boxes.map((box) => ({ box, number: numberOf(box.text) }));

  const boxes = new Map<string, { evidence: Set<BoxEvidence>; position: BoxPosition | null }>();
  const addBox = (number: string, evidence: BoxEvidence, position: BoxPosition | null): void => {
    const known = boxes.get(number) ?? { evidence: new Set(), position: null };
    known.evidence.add(evidence);
    boxes.set(number, { evidence: known.evidence, position: known.position ?? position });
  };
  for (const { claim } of tags) if (claim?.kind === 'CONTAINER') addBox(claim.code, claim.evidence, null);
  for (const { box, number } of readings) if (number.ok) addBox(number.value, 'OCR', box.position);

  const unresolved: Unresolved[] = [];
  const misread: { seen: string; is: string }[] = [];
  for (const { tag, claim } of tags) {
    if (claim === null) unresolved.push(unresolvedOf(pass, 'TAG_WITHOUT_BINDING', tag.epc, tag.ref, tag.firstSeen));
  }
  for (const { box, number } of readings) {
    if (number.ok) continue;
    const is = [...boxes.keys()].find((known) => isOneCharacterOff(known, number.value));
    if (is === undefined) unresolved.push(unresolvedOf(pass, number.reason, box.text, box.ref, box.at));
    else misread.push({ seen: box.text, is });
  }

  const truck = truckOf(pass, tags);
  const record = truck.plate === null ? null : truckRecord(truck.plate);
  const chassis = tags.find(({ claim }) => claim?.kind === 'CHASSIS')?.claim?.code ?? record?.chassisPlate ?? null;
  const fullness = fullnessByWeight(pass, boxes.size, record);
  const cameraSawBoxes = readings.some(({ number }) => number.ok);

  const exceptions: PassException[] = [];
  const note = (when: boolean, exception: PassException): void => {
    if (when) exceptions.push(exception);
  };
  note(place === null, 'UNKNOWN_LANE');
  note(pass.direction === 'UNKNOWN', 'DIRECTION_UNKNOWN');
  note(pass.outcome === 'UNDECIDED', 'UNDECIDED');
  note(pass.doubts.includes('LOOP_ANTENNA_CONFLICT'), 'LOOP_ANTENNA_CONFLICT');
  note(pass.doubts.includes('SEVERAL_TRUCKS') || isSeveralTrucks(pass, tags), 'SEVERAL_TRUCKS');
  note(truck.plate === null, 'NO_TRUCK');
  note(truck.mismatch, 'TRUCK_MISMATCH');
  note(cameraSawBoxes && [...boxes.values()].some((box) => !box.evidence.has('OCR')), 'TAG_OCR_MISMATCH');
  note(boxes.size > MOST_BOXES, 'TOO_MANY_BOXES');
  note(
    unresolved.some((u) => u.reason === 'TAG_WITHOUT_BINDING'),
    'UNRESOLVED_TAG',
  );
  note(
    unresolved.some((u) => u.reason !== 'TAG_WITHOUT_BINDING'),
    'UNRESOLVED_NUMBER',
  );

  return {
    unresolved,
    pass: {
      id: pass.passId,
      siteId: pass.siteId,
      gateId: place?.gateId ?? null,
      laneId: pass.laneId,
      zoneId: place?.zoneId ?? null,
      occurredAt: pass.occurredAt,
      closedAt: pass.closedAt,
      receivedAt,
      direction: pass.direction,
      directionSource: pass.directionSource,
      outcome: pass.outcome,
      exit: pass.exit,
      closedBy: pass.closedBy,
      source: 'READERS',
      truckPlate: truck.plate,
      chassisPlate: chassis,
      driverId: record?.driverId ?? null,
      boxes: [...boxes.entries()].map(([containerNumber, box]): ResolvedBox => ({
        containerNumber,
        fullness,
        position: box.position,
        evidence: [...box.evidence],
      })),
      sealNumbers: sealNumbersOf(pass),
      decision: pass.decision,
      exceptions,
      evidence: {
        lane: pass,
        misread,
        tags: tags.map(({ tag, claim }) => ({
          epc: tag.epc,
          asset: claim === null ? null : `${claim.kind}:${claim.code}`,
        })),
      },
      reportedBy: null,
      reason: null,
    },
  };
}

/** What is no seal's number stays in the evidence alone. */
function sealNumbersOf({ seals }: LanePass): string[] {
  return [...new Set(seals.flatMap(({ text }) => normaliseSealNumber(text) ?? []))];
}

interface TagClaim {
  readonly kind: string;
  readonly code: string;
  readonly evidence: BoxEvidence;
}

function claimOfTag(tag: TagEvidence, bindings: BindingBook): TagClaim | null {
  const bound = bindings.assetOf('TAG', tag.epc, tag.firstSeen);
  if (bound !== null) return { ...bound, evidence: 'TAG' };
  const content = decodeEpc(tag.epc, tag.pc);
  if (!content.ok || !('container' in content.message) || content.message.checkDigitOk !== true) return null;
  const { container } = content.message;
  return container === null ? null : { kind: 'CONTAINER', code: container, evidence: 'TAG_CONTENT' };
}

type NumberRead =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: 'CHECK_DIGIT' | 'NOT_A_CONTAINER_NUMBER'; readonly value: string };

function numberOf(text: string): NumberRead {
  const value = normaliseContainerNumber(text);
  const parsed = parseContainerNumber(value);
  if (parsed.ok) return { ok: true, value };
  return { ok: false, value, reason: parsed.reason === 'check_digit' ? 'CHECK_DIGIT' : 'NOT_A_CONTAINER_NUMBER' };
}

/** Same length and one character other, or one character missing. */
function isOneCharacterOff(known: string, seen: string): boolean {
  if (known.length === seen.length) {
    let others = 0;
    for (let i = 0; i < known.length; i += 1) if (known[i] !== seen[i]) others += 1;
    return others === 1;
  }
  if (known.length !== seen.length + 1) return false;
  let i = 0;
  while (i < seen.length && known[i] === seen[i]) i += 1;
  return known.slice(i + 1) === seen.slice(i);
}

function truckOf(
  pass: LanePass,
  tags: readonly { readonly claim: TagClaim | null }[],
): { readonly plate: string | null; readonly mismatch: boolean } {
  const byTag = [...new Set(tags.flatMap(({ claim }) => (claim?.kind === 'TRUCK' ? [claim.code] : [])))];
  const byCamera = bestPlate(pass.plates);
  const [tagged] = byTag;
  if (tagged === undefined) return { plate: byCamera, mismatch: false };
  return { plate: tagged, mismatch: byTag.length > 1 || (byCamera !== null && byCamera !== tagged) };
}

/** A tag and a camera see one truck at different moments, so each kind is compared with its own. */
function isSeveralTrucks(
  pass: LanePass,
  tags: readonly { readonly tag: TagEvidence; readonly claim: TagClaim | null }[],
): boolean {
  const tagged = tags.flatMap(({ tag, claim }) =>
    claim?.kind === 'TRUCK' ? [{ plate: claim.code, at: tag.firstSeen }] : [],
  );
  return [tagged, truckPlates(pass.plates)].some((sights) => {
    const firstSeen = new Map<string, number>();
    for (const { plate, at } of sights) firstSeen.set(plate, Math.min(at, firstSeen.get(plate) ?? at));
    const times = [...firstSeen.values()];
    return times.length > 1 && Math.max(...times) - Math.min(...times) >= TRUCKS_APART_MS;
  });
}

/** Laden or empty by the scale. Two boxes weigh together: then only both empty can be told. */
function fullnessByWeight(pass: LanePass, boxes: number, record: TruckRecord | null): ResolvedBox['fullness'] {
  const weight = pass.weights.findLast((reading) => reading.stable);
  if (weight === undefined || boxes === 0 || record === null || record.tareKg === null) return null;
  const boxesKg = weight.grossKg - record.tareKg;
  if (boxesKg <= HEAVIEST_EMPTY_KG * (boxes === 1 ? 1 : 1.2)) return 'EMPTY';
  return boxes === 1 && boxesKg >= LIGHTEST_LADEN_KG ? 'LADEN' : null;
}

/** The plate read with the most confidence. */
function bestPlate(plates: readonly OcrEvidence[]): string | null {
  let best: PlateRead | null = null;
  for (const read of truckPlates(plates)) if (best === null || read.confidence > best.confidence) best = read;
  return best?.plate ?? null;
}

interface PlateRead {
  readonly plate: string;
  readonly confidence: number;
  readonly at: number;
}

/** What parses as a plate; trailers (挂) are not the truck. */
function truckPlates(plates: readonly OcrEvidence[]): PlateRead[] {
  return plates.flatMap(({ text, confidence, at }) => {
    const parsed = parseLicencePlate(text);
    if (!parsed.ok || parsed.message.kind === 'TRAILER') return [];
    return [{ plate: parsed.message.plate, confidence, at }];
  });
}

function unresolvedOf(
  pass: LanePass,
  reason: Unresolved['reason'],
  seen: string,
  ref: ReadingRef,
  at: number,
): Unresolved {
  return {
    id: derivedId('unresolved', pass.siteId, pass.passId, ref.deviceId, ref.boot, ref.sequence, seen),
    reason,
    seen,
    ref,
    at,
  };
}
