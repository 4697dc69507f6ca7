/** What the gateway tells of its work: logs, metrics, traces and the page all listen to the same few events. */
import type { Decision, EpochMs, Exchange } from 'poolwarden';

/** The protocols that clients speak. */
export type Protocol = 'anthropic' | 'openai_responses' | 'openai_chat' | 'gemini' | 'antigravity';

/** One upstream answer, judged. The exchange may name secrets in its body: whoever shows it redacts it. */
export interface AttemptEvent {
  readonly type: 'attempt';
  readonly at: EpochMs;
  readonly requestId: string;
  readonly protocol: Protocol;
  readonly accountId: string;
  readonly model: string | null;
  /** Null: the request failed without an answer. */
  readonly status: number | null;
  readonly attempt: number;
  readonly durationMs: number;
  readonly decision: Decision;
  readonly exchange: Exchange;
}

/** A client's request, over. */
export interface RequestEvent {
  readonly type: 'request';
  readonly at: EpochMs;
  readonly requestId: string;
  readonly protocol: Protocol;
  readonly model: string | null;
  readonly status: number;
  /** The account that answered; null: none did. */
  readonly accountId: string | null;
  readonly attempts: number;
  readonly durationMs: number;
  readonly outcome: 'answered' | 'refused_by_upstream' | 'exhausted' | 'bad_request' | 'aborted' | 'broken_stream';
}

/** Anything else that an operator wants to know. */
export interface NoticeEvent {
  readonly type: 'notice';
  readonly at: EpochMs;
  readonly level: 'info' | 'warn' | 'error';
  readonly code: string;
  readonly detail: string;
}

/** An event of the gateway. */
export type GatewayEvent = AttemptEvent | RequestEvent | NoticeEvent;

/** Listens. What it throws is contained by `createEventBus`. */
export type Observer = (event: GatewayEvent) => void;

/** Hands each event to every observer; one that throws disturbs neither the request nor the others. */
export function createEventBus(observers: readonly Observer[]): Observer {
  return (event) => {
    for (const observe of observers) {
      try {
        observe(event);
      } catch {
        // An observer only observes.
      }
    }
  };
}
