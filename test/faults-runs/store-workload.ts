/** Many writers on one store whose server is killed again and again: what was written must be the join of everything, and the chain of rotations unbroken. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { encodeCell } from '../../src/core/encode-cell.js';
import { type AccountHealth, EMPTY_HEALTH } from '../../src/core/health.js';
import { mergeHealth, patchOf } from '../../src/core/merge-health.js';
import type { HealthPatch } from '../../src/core/patch.js';
import type { CredentialRepository, StoredCredentials } from '../../src/refresh/ports.js';
import type { HealthRepository } from '../../src/shell/ports.js';
import { patches as anyPatch } from '../support/arbitraries.js';

/** What one writer works with: its own connections. */
export interface Writer {
  readonly health: HealthRepository;
  readonly credentials: CredentialRepository;
  readonly close: () => Promise<void>;
}

/** The same store used wrongly, to show that the run would notice: a snapshot is read when a request begins, and all of it is written back when the answer is there. */
export interface Control {
  /** Reads the snapshot; the returned function counts this writer up by one in it and writes all of it. */
  begin(writer: number): Promise<() => Promise<void>>;
  /** How many increments are in the store. */
  total(): Promise<number>;
}

/** A store whose server can be killed. */
export interface StoreUnderFire {
  connect(): Promise<Writer>;
  readonly control: Control;
  kill9(): Promise<void>;
  restart(): Promise<void>;
}

/** How much is done. */
export interface WorkloadCounts {
  readonly writers: number;
  readonly accounts: number;
  readonly patches: number;
  readonly rotations: number;
  readonly kills: number;
}

/** What was done, and what was found. */
export interface WorkloadFigures {
  readonly patches: number;
  readonly ambiguousPatches: number;
  readonly cells: number;
  readonly wrongCells: number;
  readonly rotations: number;
  readonly ambiguousCommits: number;
  /** Accounts whose stored token is not the end of an unbroken chain of exactly as many rotations as its revision says. */
  readonly brokenChains: number;
  /** Rotations that the store had acknowledged and that are not in the chain. */
  readonly lostRotations: number;
  readonly kills: number;
  readonly controlWrites: number;
  readonly controlLost: number;
  readonly seconds: number;
}

const RETRY_MS = 15;
const DOWN_MS = 40;
/** Short, so that an attempt that a kill left behind is soon over. */
const ATTEMPT_MS = 400;
/** The control writes once for this many patches. */
const PATCHES_A_CONTROL_WRITE = 4;

/** What is done by all writers together. */
interface Progress {
  patches: number;
  ambiguousPatches: number;
  rotations: number;
  ambiguousCommits: number;
  controlWrites: number;
  kills: number;
  isOver: boolean;
}

/** What the token endpoint would know: which token came of which, and what the store acknowledged. */
interface Chain {
  readonly parentOf: Map<string, string>;
  readonly acknowledged: { readonly accountId: string; readonly revision: number; readonly token: string }[];
}

/** Repeats until the store takes it; `onError` counts. */
async function persist<T>(step: () => Promise<T>, onError: () => void): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch {
      onError();
      await sleep(RETRY_MS);
    }
  }
}

function tokenOf({ credentials }: Pick<StoredCredentials, 'credentials'>): string {
  return String(credentials.refresh_token);
}

async function rotate(
  accountId: string,
  credentials: CredentialRepository,
  chain: Chain,
): Promise<{ readonly done: boolean; readonly errors: number }> {
  let errors = 0;
  const onError = (): void => {
    errors += 1;
  };
  const before = await persist(
    () => credentials.read(accountId),
    () => undefined,
  );
  const nonce = crypto.randomUUID();
  const begun = await credentials.begin(accountId, before?.revision ?? 0, { nonce, ttlMs: ATTEMPT_MS }).catch(() => null);
  if (begun?.kind !== 'granted') return { done: false, errors: 0 };
  const token = crypto.randomUUID();
  chain.parentOf.set(token, tokenOf(begun));
  const next = { credentials: { ...begun.credentials, refresh_token: token }, expiresAt: null };
  const result = await persist(() => credentials.commit(accountId, begun.revision, nonce, next), onError);
  const isStored = result.kind === 'committed' || (result.kind === 'conflict' && result.same);
  if (isStored) chain.acknowledged.push({ accountId, revision: begun.revision + 1, token });
  return { done: isStored, errors };
}

function cellsOf(health: AccountHealth): ReadonlyMap<string, string> {
  return new Map(patchOf(health).map((write) => [`${write.cell} ${'key' in write ? write.key : ''}`, encodeCell(write)]));
}

function countWrong(stored: AccountHealth, expected: AccountHealth): { readonly cells: number; readonly wrong: number } {
  const [is, should] = [cellsOf(stored), cellsOf(expected)];
  const names = new Set([...is.keys(), ...should.keys()]);
  return { cells: names.size, wrong: [...names].filter((name) => is.get(name) !== should.get(name)).length };
}

/** From the stored token back to the first: the tokens in order of their revisions, or null where the chain is broken. */
function chainOf(stored: StoredCredentials, first: string, parentOf: ReadonlyMap<string, string>): readonly string[] | null {
  const tokens = [tokenOf(stored)];
  while (tokens[0] !== first) {
    const parent = parentOf.get(tokens[0] ?? '');
    if (parent === undefined) return null;
    tokens.unshift(parent);
  }
  return tokens.length === stored.revision + 1 ? tokens : null;
}

const firstToken = (accountId: string): string => `first token of ${accountId}`;

async function checkChains(
  ids: readonly string[],
  credentials: CredentialRepository,
  chain: Chain,
): Promise<Pick<WorkloadFigures, 'brokenChains' | 'lostRotations'>> {
  const chains = new Map<string, readonly string[] | null>();
  for (const id of ids) {
    const stored = await credentials.read(id);
    chains.set(id, stored === null ? null : chainOf(stored, firstToken(id), chain.parentOf));
  }
  return {
    brokenChains: [...chains.values()].filter((tokens) => tokens === null).length,
    lostRotations: chain.acknowledged.filter(({ accountId, revision, token }) => chains.get(accountId)?.[revision] !== token).length,
  };
}

async function checkHealth(
  ids: readonly string[],
  health: HealthRepository,
  expected: ReadonlyMap<string, AccountHealth>,
): Promise<Pick<WorkloadFigures, 'cells' | 'wrongCells'>> {
  const stored = await health.load(ids);
  const counts = ids.map((id) => countWrong(stored.get(id) ?? EMPTY_HEALTH, expected.get(id) ?? EMPTY_HEALTH));
  return { cells: counts.reduce((sum, { cells }) => sum + cells, 0), wrongCells: counts.reduce((sum, { wrong }) => sum + wrong, 0) };
}

/** The server dies each time that another share of the work is done. */
async function fire({ store, counts, progress }: Run): Promise<void> {
  while (!progress.isOver && progress.kills < counts.kills) {
    await sleep(5);
    if (progress.patches < ((progress.kills + 1) * counts.patches) / (counts.kills + 1)) continue;
    await store.kill9();
    progress.kills += 1;
    await sleep(DOWN_MS);
    await store.restart();
  }
}

/** Everything that a run shares. */
interface Run {
  readonly store: StoreUnderFire;
  readonly counts: WorkloadCounts;
  readonly ids: readonly string[];
  readonly expected: Map<string, AccountHealth>;
  readonly chain: Chain;
  readonly progress: Progress;
}

function beginRun(store: StoreUnderFire, counts: WorkloadCounts): Run {
  return {
    store,
    counts,
    ids: Array.from({ length: counts.accounts }, (_, at) => `account-${at}`),
    expected: new Map(),
    chain: { parentOf: new Map(), acknowledged: [] },
    progress: { patches: 0, ambiguousPatches: 0, rotations: 0, ambiguousCommits: 0, controlWrites: 0, kills: 0, isOver: false },
  };
}

async function patchOnce(
  { expected, progress }: Run,
  health: HealthRepository,
  [id, patch]: readonly [string, HealthPatch],
): Promise<void> {
  expected.set(id, mergeHealth(expected.get(id) ?? EMPTY_HEALTH, patch));
  await persist(
    () => health.patch(id, patch),
    () => {
      progress.ambiguousPatches += 1;
    },
  );
  progress.patches += 1;
}

async function rotateOnce({ chain, progress }: Run, credentials: CredentialRepository, id: string): Promise<void> {
  const { done, errors } = await rotate(id, credentials, chain);
  progress.ambiguousCommits += errors;
  if (done) progress.rotations += 1;
}

/** Does what a request does, with the control around it. */
async function withControl({ store, progress }: Run, writer: number, request: () => Promise<void>): Promise<void> {
  const write = await store.control.begin(writer).catch(() => null);
  await request();
  try {
    await write?.();
    if (write !== null) progress.controlWrites += 1;
  } catch {
    // Not counted: nobody was told that it was stored.
  }
}

async function work(run: Run, writer: Writer, index: number): Promise<void> {
  const { counts, ids, progress } = run;
  const idAt = (at: number): string => ids[at % ids.length] ?? '';
  const patches = fc.sample(anyPatch, { numRuns: Math.ceil(counts.patches / counts.writers), seed: index + 1 });
  const patchesARotation = Math.max(1, Math.floor((counts.patches * 0.8) / counts.rotations));
  for (const [at, patch] of patches.entries()) {
    const request = (): Promise<void> => patchOnce(run, writer.health, [idAt(at * (index + 1) + index), patch]);
    await (at % PATCHES_A_CONTROL_WRITE === 0 ? withControl(run, index, request) : request());
    if (at % patchesARotation === 0 && progress.rotations < counts.rotations) await rotateOnce(run, writer.credentials, idAt(at + index));
  }
  while (progress.rotations < counts.rotations) await rotateOnce(run, writer.credentials, idAt(progress.rotations + index));
}

/** Runs the workload on a store that is empty. */
export async function runStoreWorkload(store: StoreUnderFire, counts: WorkloadCounts): Promise<WorkloadFigures> {
  const startedAt = performance.now();
  const run = beginRun(store, counts);
  const { ids, progress } = run;
  const writers = await Promise.all(Array.from({ length: counts.writers }, () => store.connect()));
  const [first] = writers;
  if (first === undefined) throw new Error('a workload needs a writer');
  for (const id of ids) {
    await first.credentials.replace(id, { credentials: { access_token: 'a', refresh_token: firstToken(id) }, expiresAt: null });
  }
  const firing = fire(run);
  await Promise.all(writers.map((writer, index) => work(run, writer, index)));
  progress.isOver = true;
  await firing;
  const health = await checkHealth(ids, first.health, run.expected);
  const chains = await checkChains(ids, first.credentials, run.chain);
  const controlLost = progress.controlWrites - (await store.control.total());
  await Promise.all(writers.map((writer) => writer.close()));
  const { isOver: _, ...done } = progress;
  return { ...done, ...health, ...chains, controlLost, seconds: Math.round((performance.now() - startedAt) / 1000) };
}
