/** The runs of the stores: many writers, while the server is killed. */
import { startPostgresUnderFire } from '../../test/faults-runs/postgres-under-fire.js';
import { runRedisWorkload } from '../../test/faults-runs/redis-workload.js';
import { runStoreWorkload, type WorkloadCounts, type WorkloadFigures } from '../../test/faults-runs/store-workload.js';
import { type FaultResult, type FaultRun, type Requirement, unmet } from './fault-run.js';

const POSTGRES: WorkloadCounts = { writers: 8, accounts: 24, patches: 10_000, rotations: 1_000, kills: 12 };
const REDIS: WorkloadCounts = { writers: 8, accounts: 24, patches: 12_000, rotations: 500, kills: 5 };

/** What no kill may do, and how much has to have happened. */
function requirements({ patches, rotations, kills }: WorkloadCounts): Readonly<Record<string, Requirement>> {
  return {
    patches: { atLeast: patches },
    rotations: { atLeast: rotations },
    kills: { atLeast: kills },
    wrongCells: { exactly: 0 },
    brokenChains: { exactly: 0 },
    lostRotations: { exactly: 0 },
  };
}

/** The control beside it, whole documents written back, has to lose most of its updates: else the run had no races in it. */
function controlProblems({ controlWrites, controlLost }: WorkloadFigures): readonly string[] {
  return controlLost * 2 > controlWrites ? [] : [`the control lost only ${controlLost} of ${controlWrites} updates`];
}

async function postgres(): Promise<FaultResult> {
  const store = await startPostgresUnderFire(POSTGRES.writers);
  try {
    const figures = await runStoreWorkload(store, POSTGRES);
    return { figures: { ...figures }, wrong: [...unmet({ ...figures }, requirements(POSTGRES)), ...controlProblems(figures)] };
  } finally {
    await store.stop();
  }
}

async function redis(): Promise<FaultResult> {
  const { durability, ...numbers } = await runRedisWorkload('always', REDIS);
  const figures = { ...numbers, durability: durability.kind };
  const wrong = durability.kind === 'durable' ? [] : ['the server is not durable'];
  return { figures, wrong: [...wrong, ...unmet(figures, requirements(REDIS)), ...controlProblems(numbers)] };
}

/** Health survives, or is learnt again; credentials may be lost, so the suite has to detect such a server. */
async function redisEverySecond(): Promise<FaultResult> {
  const { durability, patches, kills, rotations, brokenChains, lostRotations } = await runRedisWorkload('everysec', {
    ...REDIS,
    patches: 4_000,
  });
  const figures = { patches, kills, rotations, brokenChains, lostRotations, durability: durability.kind };
  return { figures, wrong: durability.kind === 'not_durable' ? [] : ['a server that may forget was not detected'] };
}

/** The runs. */
export const STORE_RUNS: readonly FaultRun[] = [
  { name: 'postgres', what: 'eight writers on PostgreSQL, its server killed again and again (kill -9)', run: postgres },
  { name: 'redis', what: 'eight writers on Redis that syncs each write, its server killed (kill -9)', run: redis },
  { name: 'redis-everysec', what: 'the same on a Redis that syncs once a second: it may forget, and is detected', run: redisEverySecond },
];
