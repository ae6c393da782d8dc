import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { SitePlan, World } from './world/index.js';

/** Counts changes of the world's shape: an older file begins a new world. */
const FORM = 1;

interface KeptWorld {
  readonly form: number;
  readonly of: string;
  readonly world: World;
}

/** The world of the last run, so that a box that went in yesterday is in the yard today; null: none that fits the plan. */
export function readWorld(path: string, plan: SitePlan): World | null {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Partial<KeptWorld>;
    return kept.form === FORM && kept.of === nameOf(plan) ? (kept.world ?? null) : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

export function writeWorld(path: string, plan: SitePlan, world: World): void {
  const kept: KeptWorld = { form: FORM, of: nameOf(plan), world };
  writeFileSync(`${path}.partial`, JSON.stringify(kept));
  renameSync(`${path}.partial`, path);
}

/** A world names trucks, boxes and roads of its plan, and fits no other. */
function nameOf({ siteId, trucks, boxes, edges }: SitePlan): string {
  return [siteId, ...trucks.keys(), ...boxes.keys(), ...edges.keys()].join(' ');
}
