/** The runs of the refresh protocol: the reducer in every world of some sizes, the executor in races, real processes that die. */
import { GUARDS } from '../../test/faults-runs/explore-guards.js';
import { exploreFoundingBug, exploreScenarios, exploreWithoutGuards, FULL } from '../../test/faults-runs/explore-refresh.js';
import { RACES, RACES_WITH_FOUNDING_BUG, raceRefresh } from '../../test/faults-runs/race-refresh.js';
import { type RefreshProcessesOptions, runRefreshProcesses } from '../../test/faults-runs/refresh-processes.js';
import { type FaultResult, type FaultRun, type Requirement, unmet } from './fault-run.js';

const RACE_RUNS = 20_000;
/** Each of them is in at least one race of a hundred. */
const SITUATIONS = ['busy', 'stale', 'conflict', 'alternate', 'orphan', 'ambiguous', 'abort'] as const;
/** Told as well, and not required to be so frequent. */
const ALSO_TOLD = ['pending', 'condemned'] as const;
const FOUNDING_SEEDS = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

function exploreAll(): FaultResult {
  const { states, transitions, seconds, violations, isComplete } = exploreScenarios(FULL);
  const figures = { states, transitions, violations: violations.length, seconds };
  const wrong = violations.map(({ scenario, server, violation, trace }) => `${violation} in ${scenario} at ${server}: ${trace.join(', ')}`);
  return { figures, wrong: [...wrong, ...unmet(figures, { states: { atLeast: 500_000 } }), ...(isComplete ? [] : ['a walk did not end'])] };
}

function exploreGuards(): FaultResult {
  const found = exploreWithoutGuards();
  const founding = exploreFoundingBug();
  const wrong = GUARDS.flatMap(({ name, finds }, at) =>
    found[at]?.finds === finds ? [] : [`without "${name}": ${found[at]?.finds ?? 'nothing'}`],
  );
  const needed = found.filter(({ finds }) => finds !== null).map(({ states }) => states);
  const figures = {
    guards: GUARDS.length,
    needed: needed.length,
    'found after states': `${Math.min(...needed)} to ${Math.max(...needed)}`,
    'founding bug': founding.violation ?? 'not found',
    'after states': founding.states,
  };
  return { figures, wrong: founding.violation === null ? [...wrong, 'the founding bug was not found'] : wrong };
}

async function race(): Promise<FaultResult> {
  const { runs, seconds, situations, failure } = await raceRefresh(RACES, { runs: RACE_RUNS });
  const reached = Object.fromEntries([...SITUATIONS, ...ALSO_TOLD].map((name) => [name, situations.get(name) ?? 0]));
  const required = Object.fromEntries(SITUATIONS.map((name): [string, Requirement] => [name, { atLeast: RACE_RUNS / 100 }]));
  const figures = { races: runs, ...reached, failures: failure === null ? 0 : 1, seconds };
  return { figures, wrong: [...(failure === null ? [] : [failure]), ...unmet(figures, required)] };
}

async function raceWithFoundingBug(): Promise<FaultResult> {
  const needed: number[] = [];
  for (const seed of FOUNDING_SEEDS) {
    const { failure, runs } = await raceRefresh(RACES_WITH_FOUNDING_BUG, { runs: 1_999, seed });
    if (failure !== null) needed.push(runs);
  }
  const figures = {
    seeds: FOUNDING_SEEDS.length,
    found: needed.length,
    'races needed': `${Math.min(...needed)} to ${Math.max(...needed)}`,
  };
  return { figures, wrong: unmet(figures, { found: { exactly: FOUNDING_SEEDS.length } }) };
}

/** What holds in every run of processes, and the more that one of them requires. */
function processRun(options: RefreshProcessesOptions, required: Readonly<Record<string, Requirement>>): () => Promise<FaultResult> {
  return async () => {
    const { results: _, mode, ...numbers } = await runRefreshProcesses(options);
    const figures = { 'token server': mode, ...numbers };
    const always = { falselyCondemned: { exactly: 0 }, brokenChains: { exactly: 0 } };
    const labels = { labelledLost: { exactly: numbers.condemned }, lostByKill: { exactly: numbers.condemned } };
    return { figures, wrong: unmet(figures, { ...always, ...labels, ...required }) };
  };
}

/** The runs, the quick ones first. */
export const REFRESH_RUNS: readonly FaultRun[] = [
  {
    name: 'explore',
    what: 'the shipped reducer in every world of two or three processes, four kinds of token server, all faults',
    run: exploreAll,
  },
  { name: 'guards', what: 'the same with each guard of the protocol taken out, and with the founding bug', run: exploreGuards },
  { name: 'races', what: 'the shipped executor under random orders of arrivals and answers', run: race },
  { name: 'founding-bug', what: 'the same beside a 401 that writes its snapshot back: each seed has to find it', run: raceWithFoundingBug },
  {
    name: 'processes',
    what: 'six processes, PostgreSQL, a token server that revokes the family of a token that comes twice',
    run: processRun(
      { mode: 'family', refreshes: 3_000 },
      { refreshes: { atLeast: 3_000 }, replays: { exactly: 0 }, condemned: { exactly: 0 } },
    ),
  },
  {
    name: 'killed-processes',
    what: 'the same while processes and the database are killed',
    run: processRun(
      { mode: 'family', refreshes: 500, workerKills: 50, serverKills: 10 },
      { workerKills: { atLeast: 50 }, serverKills: { atLeast: 10 } },
    ),
  },
  {
    name: 'killed-processes-grace',
    what: 'the same at a token server that takes the token before once more: nobody is lost',
    run: processRun(
      { mode: 'grace', refreshes: 300, workerKills: 20, serverKills: 3 },
      { workerKills: { atLeast: 20 }, serverKills: { atLeast: 3 }, condemned: { exactly: 0 } },
    ),
  },
  {
    name: 'paused-processes',
    what: 'processes that are stopped for longer than an attempt lasts, and woken',
    run: processRun({ mode: 'simple', refreshes: 300, pauses: 10 }, { pauses: { atLeast: 10 }, condemned: { exactly: 0 } }),
  },
];
