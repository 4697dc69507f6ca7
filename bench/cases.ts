/** What is measured, against what, and the most that it may cost. */
import type * as Core from '../src/core.js';
import {
  allowedHeaders,
  answer,
  googleBody,
  htmlBody,
  largeBody,
  NOW,
  plainHeaders,
  READ_ON_SUCCESS,
  smallBody,
  spentHeaders,
  TURNS,
  turns,
  withSamples,
} from './inputs.js';
import type { Case } from './measure.js';

/** A row of the table: `case` may take at most `most` times as long as `against`, and allocate at most `mostBytes` more than it. */
export interface Row {
  readonly name: string;
  readonly case: Case;
  readonly against: Case;
  readonly unit: string;
  readonly most: number;
  readonly mostBytes: number | null;
}

type Library = Pick<typeof Core, 'evaluate' | 'definePolicy' | 'defineAccount'>;

const BUILT_IN_AND_MORE = 100;

function policyOf({ definePolicy }: Library): Core.Policy {
  const builtIn = definePolicy().rules.length;
  const rules = Array.from({ length: Math.max(0, BUILT_IN_AND_MORE - builtIn) }, (_, at) => ({
    id: `own_${at}`,
    before: 'rate_limited',
    status: [429],
    when: { phrases: [`words of rule ${at}`] },
    then: {
      kind: 'rate_limited',
      scope: 'account',
      exit: 'time',
      effect: { type: 'limit', on: 'account', kind: 'quota', until: 'fallback' },
      course: 'fail_over',
    },
  })) satisfies Core.RuleOverride[];
  return definePolicy({ rules });
}

function rotate<T>(name: string, inputs: readonly T[], run: (input: T) => unknown): Case {
  const list = [...inputs];
  return { name, run: (at) => run(list[at % TURNS] as T) };
}

function parseOf(name: string, bodies: readonly string[]): Case {
  return rotate(name, bodies, (body) => JSON.parse(body) as unknown);
}

/** All rows, for a build of the library. */
export function rowsOf(library: Library): readonly Row[] {
  const { evaluate, defineAccount } = library;
  const policy = policyOf(library);
  const apiKey = defineAccount({ id: 'api', platform: 'anthropic', type: 'api_key' });
  const oauth = defineAccount({ id: 'oauth', platform: 'anthropic', type: 'oauth' });
  const gemini = defineAccount({ id: 'gemini', platform: 'gemini', type: 'api_key' });
  const openai = defineAccount({ id: 'openai', platform: 'openai', type: 'api_key' });
  const sampled = withSamples(oauth);
  const small = turns(smallBody);
  const google = turns(googleBody);
  const unit = parseOf('JSON.parse 331 B', small);
  const exchanges = (account: Core.Account, responses: readonly Core.UpstreamResponse[]): readonly Core.Exchange[] =>
    responses.map((response) => ({ account, model: 'claude-sonnet-4-5', response, receivedAt: NOW }));
  const decisions = (name: string, account: Core.Account, responses: readonly Core.UpstreamResponse[]): Case =>
    rotate(name, exchanges(account, responses), (exchange) => evaluate(exchange, policy));
  const row = (one: Case, most: number, { against = unit, mostBytes = null as number | null } = {}): Row => ({
    name: one.name,
    case: one,
    against,
    unit: against === unit ? 'U' : against.name,
    most,
    mostBytes,
  });
  const reads = rotate(
    '6 Headers.get',
    turns((id) => new Headers(allowedHeaders('0.42', id))),
    (headers) => {
      let last: string | null = null;
      for (const name of READ_ON_SUCCESS) last = headers.get(name) ?? last;
      return last;
    },
  );
  const at = (size: number, make: (size: number) => string): readonly Core.UpstreamResponse[] =>
    turns((id) => answer(502, plainHeaders(id), make(size)));
  const plain = (utilization: string): readonly Core.UpstreamResponse[] => turns((id) => answer(200, allowedHeaders(utilization, id)));
  return [
    row(
      decisions(
        'error by body, 331 B',
        apiKey,
        small.map((body, n) => answer(429, plainHeaders(String(n)), body)),
      ),
      1.5,
      { mostBytes: 600 },
    ),
    row(
      decisions(
        'error by body, 1.9 KB',
        gemini,
        google.map((body, n) => answer(429, plainHeaders(String(n)), body)),
      ),
      1.5,
      { against: parseOf('JSON.parse 1.9 KB', google), mostBytes: 600 },
    ),
    row(
      decisions(
        'error by unified headers',
        oauth,
        turns((id) => answer(429, spentHeaders(id), smallBody(id))),
      ),
      0.6,
    ),
    row(
      decisions(
        'error by status (529)',
        oauth,
        turns((id) => answer(529, plainHeaders(id), smallBody(id))),
      ),
      0.35,
    ),
    row(
      decisions(
        'error by Retry-After',
        apiKey,
        turns((id) => answer(503, { ...plainHeaders(id), 'retry-after': '7' }, null)),
      ),
      0.35,
    ),
    ...[65 * 1024, 1024 ** 2, 10 * 1024 ** 2].map((size) => row(decisions(`HTML, ${size} B`, openai, at(size, htmlBody)), 2.5)),
    ...[65 * 1024, 1024 ** 2, 10 * 1024 ** 2].map((size) => row(decisions(`over the cap, ${size} B`, openai, at(size, largeBody)), 2.5)),
    row(
      decisions(
        'success, no limit header',
        gemini,
        turns((id) => answer(200, plainHeaders(id))),
      ),
      0.05,
      { mostBytes: 0 },
    ),
    row(decisions('success, unchanged', sampled, plain('0.42')), 0.3, { mostBytes: 0 }),
    row(decisions('success, something new', sampled, plain('0.43')), 0.6),
    row(
      decisions(
        'success, unchanged, Headers',
        sampled,
        turns((id) => answer(200, new Headers(allowedHeaders('0.42', id)))),
      ),
      1.15,
      { against: reads },
    ),
  ];
}
