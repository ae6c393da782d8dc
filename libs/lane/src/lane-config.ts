/** A lane as gateway.json and the fixtures describe it; what fusion needs to know of it. */
export interface LaneConfig {
  readonly laneId: string;
  /** REVERSIBLE: traffic goes either way, and only loops or antennas can tell. */
  readonly direction: 'IN' | 'OUT' | 'REVERSIBLE';
  /** Which loops or beams the lane has; none: antenna order and the idle time-out make the session. */
  readonly loops: readonly ('LANDSIDE' | 'TERMINALSIDE' | 'ONLY')[];
  /** Antennas of the lane's readers by the side that they look at; numbers count from 1 and are per device. */
  readonly antennaGroups: {
    readonly landside: readonly AntennaRef[];
    readonly terminalside: readonly AntennaRef[];
  };
  /** DECISION: nothing is accepted without a word of the TOS or an operator. EXIT: leaving by the exit is acceptance (free-flow lanes). */
  readonly acceptance: 'DECISION' | 'EXIT';
}

export interface AntennaRef {
  readonly deviceId: string;
  readonly antenna: number;
}
