/** The engine: decisions at once, the writes behind them. */
import type { Action } from '../core/action.js';
import type { Decision } from '../core/decision.js';
import type { Exchange } from '../core/exchange.js';
import type { Policy } from '../core/policy.js';
import { recover } from '../core/recover.js';
import type { Engine, EngineDeps, Saved } from './ports.js';
import { containRedact, redactAction, redactDecision } from './redact-decision.js';
import { createSaver } from './saver.js';

/** The pure parts that stand above the shell. */
export interface EngineParts {
  readonly evaluate: (exchange: Exchange, policy: Policy) => Decision;
  readonly defaultPolicy: Policy;
}

/** The policy of the moment. A function that fails leaves the last one that it gave. */
function policySource(policy: EngineDeps['policy'], standard: Policy): () => Policy {
  if (typeof policy !== 'function') return () => policy ?? standard;
  let last = standard;
  return () => {
    try {
      last = policy() ?? last;
    } catch {
      // The last good policy stays.
    }
    return last;
  };
}

/** A host's listener made safe: neither an exception nor a rejected promise gets out. */
function containListener(listener: EngineDeps['onDecision']): (decision: Decision, exchange: Exchange) => void {
  if (listener === undefined) return () => undefined;
  return (decision, exchange) => {
    try {
      const result: unknown = listener(decision, exchange);
      if (result instanceof Promise) result.catch(() => undefined);
    } catch {
      // A listener only listens.
    }
  };
}

/** Makes an engine of its dependencies and the pure parts. Hosts call `createEngine`. */
export function makeEngine(deps: EngineDeps, { evaluate, defaultPolicy }: EngineParts): Engine {
  const policyNow = policySource(deps.policy, defaultPolicy);
  const redact = deps.redact === undefined ? null : containRedact(deps.redact);
  const tell = containListener(deps.onDecision);
  const saver = createSaver(deps);
  const nothingSaved: Promise<Saved> = Promise.resolve({ health: new Map(), failed: [], voided: [] });

  function save(actions: readonly Action[]): Promise<Saved> {
    return deps.mode === 'shadow' || actions.length === 0 ? nothingSaved : saver.save(actions);
  }

  function apply(actions: readonly Action[]): Promise<Saved> {
    return save(redact === null ? actions : actions.map((action) => redactAction(action, redact)));
  }

  return {
    observe(exchange) {
      const decided = evaluate(exchange, policyNow());
      const decision = redact === null ? decided : redactDecision(decided, redact);
      const saved = save(decision.actions);
      tell(decision, exchange);
      return { decision, saved };
    },
    apply,
    recover: (account, options) => apply(recover(account, options)),
    close: (options) => saver.close(options),
  };
}
