/** The last decisions, with why. */
import { randomUUID } from 'node:crypto';
import { type Disposition, type EpochMs, type Exchange, explain, type Policy, type Verdict } from 'poolwarden';
import type { AttemptEvent, Observer } from '../telemetry/observer.js';
import { actionSentence } from './decision-sentences.js';

/** A rule that was asked. */
export interface RuleRow {
  readonly id: string;
  readonly matched: boolean;
  readonly why: string;
}

/** One decision. Its texts are redacted. */
export interface DecisionRow {
  readonly id: string;
  readonly at: EpochMs;
  readonly requestId: string;
  readonly accountId: string;
  readonly label: string;
  readonly model: string | null;
  readonly status: number | null;
  readonly verdict: Pick<Verdict, 'kind' | 'scope' | 'rule' | 'message' | 'resetAt' | 'exit'>;
  readonly disposition: Disposition;
  /** One sentence a change. */
  readonly changes: readonly string[];
  /** In a list: the rules that matched. Alone: every rule that was asked, in order. */
  readonly explanation: { readonly summary: string; readonly rules: readonly RuleRow[] };
}

/** Keeps decisions. */
export interface DecisionLog {
  readonly observe: Observer;
  /** Newest first, at most `limit`. */
  list(limit: number): readonly DecisionRow[];
  /** With its full explanation; null: not there, or not any more. */
  find(id: string): DecisionRow | null;
  /** Told each new one, until the returned function is called. */
  onDecision(listener: (row: DecisionRow) => void): () => void;
}

/** What a log is made of. */
export interface DecisionLogOptions {
  readonly policy: () => Policy;
  readonly redact: (text: string) => string;
  readonly labelOf: (accountId: string) => string;
  /** Default 500. */
  readonly capacity?: number;
}

const CAPACITY = 500;

/** Short ones are kept as rows, and how to make the full one beside it. */
interface Entry {
  readonly row: DecisionRow;
  readonly explanation: () => DecisionRow['explanation'];
}

/** Explains the exchange when somebody asks, and keeps its answer no longer than the entry. */
function explainLater(exchange: Exchange, policy: Policy, redact: (text: string) => string): Entry['explanation'] {
  let made: DecisionRow['explanation'] | null = null;
  return () => {
    if (made === null) {
      const { considered, summary } = explain(exchange, policy);
      made = { summary: redact(summary), rules: considered.map(({ rule, matched, why }) => ({ id: rule, matched, why: redact(why) })) };
    }
    return made;
  };
}

function rowOf(event: AttemptEvent, explanation: Entry['explanation'], { redact, labelOf }: DecisionLogOptions): DecisionRow {
  const { verdict, disposition, actions } = event.decision;
  const { kind, scope, rule, message, resetAt, exit } = verdict;
  const { summary, rules } = explanation();
  return {
    id: randomUUID(),
    at: event.at,
    // Both may come from a client.
    requestId: redact(event.requestId),
    model: event.model === null ? null : redact(event.model),
    accountId: event.accountId,
    label: labelOf(event.accountId),
    status: event.status,
    verdict: { kind, scope, rule, message: message === null ? null : redact(message), resetAt, exit },
    disposition: disposition.type === 'retry' ? { ...disposition, otherwise: [] } : disposition,
    changes: actions.map((action) => redact(actionSentence(action))),
    explanation: { summary, rules: rules.filter(({ matched }) => matched) },
  };
}

/** Successes that change nothing but samples say nothing, and would leave no room for what does. */
function isWorthKeeping({ decision }: AttemptEvent): boolean {
  return decision.verdict.kind !== 'ok' || decision.actions.some(({ type }) => type !== 'record_usage' && type !== 'update_session_window');
}

/** Makes a log of the last decisions that were no plain successes. */
export function createDecisionLog(options: DecisionLogOptions): DecisionLog {
  const { policy, redact, capacity = CAPACITY } = options;
  const entries = new Map<string, Entry>();
  const listeners = new Set<(row: DecisionRow) => void>();

  function keep(event: AttemptEvent): void {
    const explanation = explainLater(event.exchange, policy(), redact);
    const row = rowOf(event, explanation, options);
    entries.set(row.id, { row, explanation });
    const [oldest] = entries.keys();
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    for (const listener of listeners) listener(row);
  }
  return {
    observe(event) {
      if (event.type === 'attempt' && isWorthKeeping(event)) keep(event);
    },
    list: (limit) =>
      [...entries.values()]
        .slice(-limit)
        .reverse()
        .map(({ row }) => row),
    find(id) {
      const entry = entries.get(id);
      return entry === undefined ? null : { ...entry.row, explanation: entry.explanation() };
    },
    onDecision(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
