/** The shipped reducer in every world of a few sizes: the full run, its short form, and the protocol without each of its guards. Returns figures. */
import { GUARDS } from './explore-guards.js';
import { type Exploration, explore, type Violation } from './explore-search.js';
import type { ServerKind } from './explore-server.js';
import type { Fault } from './explore-world.js';

/** Worlds of one size, with how often each fault may happen in one of them. */
export interface Scenario {
  readonly name: string;
  readonly workers: number;
  readonly refreshes: number;
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly servers: readonly ServerKind[];
}

const SERVERS: readonly ServerKind[] = ['simple', 'family', 'grace', 'last_wins'];

/** Two processes, two refreshes each, one fault of a kind: a few seconds. */
export const SHORT: readonly Scenario[] = [
  { name: 'outage', workers: 2, refreshes: 2, faults: { lease_expiry: 1, failed_read: 1, failed_write: 2 }, servers: SERVERS },
  { name: 'crash', workers: 2, refreshes: 2, faults: { lease_expiry: 1, lost_answer: 1, crash: 1, failed_write: 1 }, servers: SERVERS },
  { name: 'pause', workers: 2, refreshes: 2, faults: { pause: 1, lease_expiry: 1, failed_read: 1, failed_write: 1 }, servers: SERVERS },
  { name: 'revocation', workers: 2, refreshes: 2, faults: { revocation: 1, lost_answer: 1, failed_read: 1 }, servers: SERVERS },
  { name: 'sign-in', workers: 2, refreshes: 2, faults: { operator: 1, pause: 1 }, servers: SERVERS },
];

/**
 * More faults, more refreshes, more processes. A pause together with a crash or a lost answer leaves out servers that honour the last redemption: there, the paused process's late request kills a token that was stored
 * as the next revision, its answer is lost, and nothing in the row tells of it; the account is lost with the label `revoked`.
 */
export const FULL: readonly Scenario[] = [
  { name: 'outage', workers: 2, refreshes: 2, faults: { lease_expiry: 2, failed_read: 2, failed_write: 3 }, servers: SERVERS },
  {
    name: 'crash',
    workers: 2,
    refreshes: 2,
    faults: { lease_expiry: 1, lost_answer: 2, crash: 2, failed_read: 1, failed_write: 2 },
    servers: SERVERS,
  },
  { name: 'pause', workers: 2, refreshes: 2, faults: { pause: 2, lease_expiry: 1, failed_read: 1, failed_write: 2 }, servers: SERVERS },
  {
    name: 'pause and crash',
    workers: 2,
    refreshes: 2,
    faults: { pause: 1, lost_answer: 1, crash: 1, failed_write: 1 },
    servers: ['simple', 'family', 'grace'],
  },
  {
    name: 'revocation',
    workers: 2,
    refreshes: 2,
    faults: { revocation: 1, lost_answer: 1, crash: 1, failed_read: 1, failed_write: 1 },
    servers: SERVERS,
  },
  { name: 'sign-in', workers: 2, refreshes: 2, faults: { operator: 1, pause: 1, lease_expiry: 1, failed_write: 1 }, servers: SERVERS },
  {
    name: 'three processes',
    workers: 3,
    refreshes: 1,
    faults: { pause: 1, lost_answer: 1, crash: 1, lease_expiry: 1, failed_read: 1, failed_write: 1 },
    servers: ['simple', 'family', 'grace'],
  },
  { name: 'three refreshes', workers: 2, refreshes: 3, faults: { lost_answer: 1, crash: 1, failed_write: 1 }, servers: SERVERS },
];

/** What was seen of one scenario at one server. */
export interface ScenarioFigures {
  readonly scenario: string;
  readonly server: ServerKind;
  readonly exploration: Exploration;
}

/** The figures of a run. */
export interface ExploreFigures {
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly violations: readonly {
    readonly scenario: string;
    readonly server: ServerKind;
    readonly violation: Violation;
    readonly trace: readonly string[];
  }[];
  readonly isComplete: boolean;
  /** States with a condemned row, by scenario. */
  readonly condemned: ReadonlyMap<string, number>;
  /** How often each move was made. */
  readonly reached: ReadonlyMap<string, number>;
  readonly scenarios: readonly ScenarioFigures[];
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

/** Explores every scenario at each of its servers. */
export function exploreScenarios(scenarios: readonly Scenario[]): ExploreFigures {
  const startedAt = performance.now();
  const found = scenarios.flatMap(({ name, servers, ...size }) =>
    servers.map((server): ScenarioFigures => ({ scenario: name, server, exploration: explore({ ...size, server }) })),
  );
  const reached = new Map<string, number>();
  const condemned = new Map<string, number>();
  for (const { scenario, exploration } of found) {
    addTo(condemned, scenario, exploration.condemned);
    for (const [name, count] of exploration.reached) addTo(reached, name, count);
  }
  return {
    states: found.reduce((sum, { exploration }) => sum + exploration.states, 0),
    transitions: found.reduce((sum, { exploration }) => sum + exploration.transitions, 0),
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    violations: found.flatMap(({ scenario, server, exploration: { violation, trace } }) =>
      violation === null ? [] : [{ scenario, server, violation, trace }],
    ),
    isComplete: found.every(({ exploration }) => exploration.isComplete),
    condemned,
    reached,
    scenarios: found,
  };
}

/** What was found without one guard. `states`: until it was found, or all. */
export interface GuardFigures {
  readonly name: string;
  readonly finds: Violation | null;
  readonly states: number;
  readonly trace: readonly string[];
}

/** Explores the protocol without each guard, and stops at the first violation. */
export function exploreWithoutGuards(): readonly GuardFigures[] {
  return GUARDS.map(({ name, without, server, faults }) => {
    const { violation, states, trace } = explore({ server, workers: 2, refreshes: 2, faults }, { protocol: without });
    return { name, finds: violation, states, trace };
  });
}

/** Explores the shipped protocol beside a 401 handler that writes the credentials back that it saw when its request began. */
export function exploreFoundingBug(): Exploration {
  return explore({ server: 'simple', workers: 2, refreshes: 2, faults: { stale_write: 1 } });
}
