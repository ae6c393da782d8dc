/** One ready-made sign-in of the demonstration. */
export interface SignIn {
  readonly role: string;
  readonly name: string;
  readonly token: string;
}

export interface Demonstration {
  readonly signIns: readonly SignIn[];
  readonly gatewayToken: string;
}

/**
 * Fills a migrated database with the demonstration port, once; the same tokens come back at every start.
 * @param stateDir where the tokens are kept
 */
export type SeedDemonstration = (ownerUrl: string, options: { readonly stateDir: string }) => Promise<Demonstration>;

export async function loadSeed(): Promise<SeedDemonstration> {
  const door = (await import(new URL('../../../server/src/seed.js', import.meta.url).href)) as {
    seedDemonstration: SeedDemonstration;
  };
  return door.seedDemonstration;
}
