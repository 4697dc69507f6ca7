/** What is measured, against what, and the most that it may cost. */
import type * as Core from '../src/core.js';
import { floorByBody, floorByStatus, floorByWindows } from './floor.js';
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
  turns,
  withSamples,
} from './inputs.js';
import type { Case } from './measure.js';

/**
 * A row of the table: `case` is to take at most `target` times as long as `against`, and to allocate at most `targetBytes` more than it. `gate` and `gateBytes` are what is reached today, with a
 * margin for a busy machine: above them something became slower.
 */
export interface Row {
  readonly name: string;
  readonly case: Case;
  readonly against: Case;
  readonly unit: string;
  readonly target: number;
  readonly gate: number;
  readonly targetBytes: number | null;
  readonly gateBytes: number | null;
  /** What the contract alone costs (floor.ts); null where that is not told. */
  readonly floor: Case | null;
}

interface RowOptions {
  readonly floor?: Case;
  readonly against?: Case;
  readonly bytes?: readonly [target: number, gate: number];
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
  // Locals only: a binding of another module may be a call in a transpiled one.
  const mask = list.length - 1;
  return { name, run: (at) => run(list[at & mask] as T) };
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
  const floorOf = (floor: (exchange: Core.Exchange) => unknown, account: Core.Account, responses: readonly Core.UpstreamResponse[]): Case =>
    rotate('floor', exchanges(account, responses), floor);
  const row = (one: Case, [target, gate]: readonly [number, number], { against = unit, bytes, floor }: RowOptions = {}): Row => ({
    name: one.name,
    case: one,
    against,
    unit: against === unit ? 'U' : against.name,
    target,
    gate,
    targetBytes: bytes?.[0] ?? null,
    gateBytes: bytes?.[1] ?? null,
    floor: floor ?? null,
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
  // One text for all turns: sixteen of ten megabytes would measure the collector.
  const answers502 = (size: number, make: (size: number) => string): readonly Core.UpstreamResponse[] => {
    const body = make(size);
    return turns((id) => answer(502, plainHeaders(id), body));
  };
  const errors = (status: number, bodies: readonly string[]): readonly Core.UpstreamResponse[] =>
    bodies.map((body, at) => answer(status, plainHeaders(String(at)), body));
  const healthy = (utilization: string): readonly Core.UpstreamResponse[] => turns((id) => answer(200, allowedHeaders(utilization, id)));
  const spent = turns((id) => answer(429, spentHeaders(id), smallBody(id)));
  const unavailable = turns((id) => answer(503, { ...plainHeaders(id), 'retry-after': '7' }, null));
  const fetched = turns((id) => answer(200, new Headers(allowedHeaders('0.42', id))));
  const parseGoogle = parseOf('JSON.parse 1.9 KB', google);
  const sizes = [65 * 1024, 1024 ** 2, 10 * 1024 ** 2];
  return [
    row(decisions('error by body, 331 B', apiKey, errors(429, small)), [1.5, 9], {
      bytes: [600, 2000],
      floor: floorOf(floorByBody, apiKey, errors(429, small)),
    }),
    row(decisions('error by body, 1.9 KB', gemini, errors(429, google)), [1.5, 3], {
      against: parseGoogle,
      bytes: [600, 2000],
      floor: floorOf(floorByBody, gemini, errors(429, google)),
    }),
    row(decisions('error by unified headers', oauth, spent), [0.6, 4], { floor: floorOf(floorByWindows, oauth, spent) }),
    row(decisions('error by status (529)', oauth, errors(529, small)), [0.35, 1], {
      floor: floorOf(floorByStatus, oauth, errors(529, small)),
    }),
    row(decisions('error by status (503)', apiKey, unavailable), [0.35, 1], { floor: floorOf(floorByStatus, apiKey, unavailable) }),
    ...sizes.map((size) => row(decisions(`HTML, ${size} B`, openai, answers502(size, htmlBody)), [2.5, 2.5])),
    ...sizes.map((size) => row(decisions(`over the cap, ${size} B`, openai, answers502(size, largeBody)), [2.5, 2.5])),
    row(
      decisions(
        'success, no limit header',
        gemini,
        turns((id) => answer(200, plainHeaders(id))),
      ),
      [0.05, 0.1],
      { bytes: [0, 0] },
    ),
    row(decisions('success, unchanged', sampled, healthy('0.42')), [0.3, 0.6], { bytes: [0, 0] }),
    row(decisions('success, something new', sampled, healthy('0.43')), [0.6, 3], {
      floor: floorOf(floorByWindows, sampled, healthy('0.43')),
    }),
    row(decisions('success, unchanged, Headers', sampled, fetched), [1.15, 1.5], { against: reads }),
  ];
}
