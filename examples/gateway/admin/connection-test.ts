/** Tests an account with a real request. A success recovers it; a refusal says why. */
import type { Engine, EpochMs, Exchange, Verdict } from 'poolwarden';
import type { Directory, GatewayAccount } from '../accounts/gateway-account.js';
import type { Authorizer } from '../proxy/authorizer.js';
import { failureOf } from '../proxy/send.js';
import { askUpstream, NotAuthorizedError, type Reply } from './ask-upstream.js';
import { ApiError } from './http.js';
import { type TestQuestion, testQuestion } from './test-questions.js';

/** What came of it. */
export interface TestResult {
  readonly ok: boolean;
  /** Null: no answer came. */
  readonly status: number | null;
  readonly model: string;
  readonly verdict: Pick<Verdict, 'kind' | 'rule' | 'message' | 'exit'> | null;
  /** For a person. */
  readonly message: string;
  readonly durationMs: number;
}

/** What a test needs. */
export interface TestDeps {
  readonly authorizer: Authorizer;
  readonly engine: Pick<Engine, 'observe'>;
  readonly directory: Directory;
  readonly now: () => EpochMs;
}

const TIMEOUT_MS = 30_000;

type Came = Reply | { readonly failure: ReturnType<typeof failureOf> } | NotAuthorizedError;

async function ask(account: GatewayAccount, question: TestQuestion, { authorizer }: TestDeps): Promise<Came> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return await askUpstream(account, question, { authorizer, signal });
  } catch (error) {
    if (error instanceof NotAuthorizedError) return error;
    return { failure: signal.aborted ? 'timeout' : failureOf(error, signal) };
  }
}

/** Has the engine judge the answer, and waits for the writes behind it. */
async function judge(exchange: Exchange, { engine, directory }: TestDeps): Promise<TestResult['verdict'] & object> {
  const { decision, saved } = engine.observe(exchange);
  directory.takeHealth((await saved).health);
  const { kind, rule, message, exit } = decision.verdict;
  return { kind, rule, message, exit };
}

/** Sends the test, and gives its answer to the engine as a `connection_test`: success lifts what held the account. Rejects with an `ApiError` where this kind of account cannot be tested. */
export async function testConnection(account: GatewayAccount, wanted: string | null, deps: TestDeps): Promise<TestResult> {
  const question = testQuestion(account, wanted);
  if (question === null) throw new ApiError(400, 'not_testable', { message: 'This kind of account cannot be tested.' });
  const { model } = question;
  const sentAt = deps.now();
  const came = await ask(account, question, deps);
  const receivedAt = deps.now();
  const common = { model, durationMs: receivedAt - sentAt };
  if (came instanceof NotAuthorizedError)
    return { ...common, ok: false, status: null, verdict: null, message: `No request was sent: ${came.message}.` };
  const exchange = { account: account.account, model, sentAt, receivedAt, purpose: 'connection_test' } as const;
  const isAnswer = 'status' in came;
  const verdict = await judge(
    isAnswer ? { ...exchange, response: came, credentialRevision: came.credentialRevision } : { ...exchange, response: came },
    deps,
  );
  const ok = verdict.kind === 'ok';
  const said = verdict.message ?? (isAnswer ? `the upstream answered ${came.status}` : `no answer came (${came.failure})`);
  return { ...common, ok, status: isAnswer ? came.status : null, verdict, message: ok ? 'The account works.' : `${verdict.kind}: ${said}` };
}
