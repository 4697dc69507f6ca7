/** Actions as decisions carry them, and as none would. */
import fc from 'fast-check';
import type { Action } from '../core/action.js';
import {
  errorKindArbitrary,
  holdCellArbitrary,
  holdKindArbitrary,
  linkArbitrary,
  messageArbitrary,
  sessionStatusNameArbitrary,
  usageSampleArbitrary,
} from './cell-arbitraries.js';
import { mapArbitrary } from './health-arbitraries.js';
import {
  evidenceIdArbitrary,
  modelNameArbitrary,
  ruleNameArbitrary,
  strikeKindArbitrary,
  windowNameArbitrary,
} from './name-arbitraries.js';
import { absurdNumberArbitrary, generationArbitrary, instantArbitrary, revisionArbitrary } from './number-arbitraries.js';

/** The accounts that arbitrary actions are about. */
export const ARBITRARY_ACCOUNT_IDS = ['a1', 'a2'] as const;

const accountId = fc.constantFrom(...ARBITRARY_ACCOUNT_IDS);
const model = modelNameArbitrary;
const unbound = fc.constant<-1>(-1);

interface Numbers {
  readonly instant: fc.Arbitrary<number>;
  readonly generation: fc.Arbitrary<number>;
}

function holding({ instant, generation }: Numbers): fc.Arbitrary<Action> {
  const facts = { accountId, until: instant, rule: ruleNameArbitrary, kind: holdKindArbitrary, detail: messageArbitrary, generation };
  const temporary = { type: fc.constant('set_temp_unschedulable'), ...facts };
  return fc.oneof(
    fc.record({ type: fc.constantFrom('set_rate_limited', 'set_overloaded'), ...facts, credentialRevision: unbound }),
    fc.record({ ...temporary, cell: fc.constant('temporary'), credentialRevision: unbound }),
    fc.record({ ...temporary, cell: fc.constant('authentication'), credentialRevision: fc.integer({ min: 0, max: 2 }) }),
    fc.record({ type: fc.constant('set_model_rate_limit'), ...facts, model }),
  );
}

function erring({ instant, generation }: Numbers): fc.Arbitrary<Action> {
  return fc.record({
    type: fc.constant('set_error'),
    accountId,
    kind: errorKindArbitrary,
    message: messageArbitrary,
    link: linkArbitrary,
    rule: ruleNameArbitrary,
    at: instant,
    generation,
    credentialRevision: revisionArbitrary,
  });
}

function clearing({ generation }: Numbers): fc.Arbitrary<Action> {
  const holds = fc.array(fc.record({ cell: holdCellArbitrary, generation }), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    fc.record({ type: fc.constant('clear_error'), accountId, kind: errorKindArbitrary, generation }),
    fc.record({ type: fc.constant('clear_model_rate_limit'), accountId, model, generation }),
    fc.record({ type: fc.constant('clear_holds'), accountId, holds }),
    fc.record({ type: fc.constant('clear_strikes'), accountId, kind: strikeKindArbitrary, generation }),
  );
}

/** A plain object with an own property for each key, also for `__proto__`. */
export function plainRecord<V>(map: ReadonlyMap<string, V>): Readonly<Record<string, V>> {
  return Object.fromEntries(map);
}

function observing({ instant, generation }: Numbers): fc.Arbitrary<Action> {
  const window = fc.option(fc.record({ start: instant, end: instant, source: fc.constantFrom('header', 'predicted') }));
  const samples = mapArbitrary(windowNameArbitrary, usageSampleArbitrary, 3).map(plainRecord);
  const strike = { kind: strikeKindArbitrary, at: instant, evidenceId: evidenceIdArbitrary, generation };
  return fc.oneof(
    fc.record({
      type: fc.constant('update_session_window'),
      accountId,
      window,
      status: sessionStatusNameArbitrary,
      observedAt: instant,
    }),
    fc.record({ type: fc.constant('record_usage'), accountId, samples }),
    fc.record({ type: fc.constant('add_strike'), accountId, ...strike }),
    fc.record({ type: fc.constantFrom('request_refresh', 'invalidate_token'), accountId, credentialRevision: revisionArbitrary }),
  );
}

/** Every type of action about as often as there are actions of its kind. */
function actionsWith(numbers: Numbers): fc.Arbitrary<Action> {
  return fc.oneof(
    { weight: 4, arbitrary: holding(numbers) },
    { weight: 1, arbitrary: erring(numbers) },
    { weight: 4, arbitrary: clearing(numbers) },
    { weight: 4, arbitrary: observing(numbers) },
  );
}

/** An action as decisions carry it, with hostile texts and model names. */
export const actionArbitrary: fc.Arbitrary<Action> = actionsWith({ instant: instantArbitrary, generation: generationArbitrary });

/** An action whose numbers no decision would carry. */
export const absurdActionArbitrary: fc.Arbitrary<Action> = actionsWith({
  instant: fc.oneof(instantArbitrary, absurdNumberArbitrary),
  generation: fc.oneof(generationArbitrary, absurdNumberArbitrary),
});
