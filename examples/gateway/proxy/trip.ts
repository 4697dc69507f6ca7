/** A client's request on its way through the gateway, and what the parts of the proxy share. */
import type { ServerResponse } from 'node:http';
import type { Decision, Engine, EpochMs, Policy } from 'poolwarden';
import type { Dispatcher } from 'undici';
import type { Directory, GatewayAccount } from '../accounts/gateway-account.js';
import type { Observer, RequestEvent } from '../telemetry/observer.js';
import type { Authorizer } from './authorizer.js';
import type { ClientRequest } from './client-request.js';
import type { Picker } from './pick.js';
import type { Sticky } from './sticky.js';

/** What bounds a request. */
export interface Limits {
  /** The largest body of a request. */
  readonly bodyBytes: number;
  /** How often it is sent, to all accounts together. */
  readonly attempts: number;
  /** The longest wait for an upstream's headers, and between two pieces of its answer. */
  readonly upstreamTimeoutMs: number;
  /** The longest wait for a client that reads nothing of what there is for it. */
  readonly clientTimeoutMs: number;
}

/** What every part of the proxy works with. */
export interface ProxyParts {
  readonly directory: Directory;
  readonly authorizer: Authorizer;
  readonly engine: Engine;
  readonly policy: () => Policy;
  readonly observe: Observer;
  readonly now: () => EpochMs;
  readonly limits: Limits;
  readonly picker: Picker;
  readonly sticky: Sticky;
  readonly dispatcher: Dispatcher | undefined;
}

/** A client's request, and the way back to the client. */
export interface Trip {
  readonly request: ClientRequest;
  readonly requestId: string;
  readonly response: ServerResponse;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** One sending of a request to one account. */
export interface Attempt {
  readonly trip: Trip;
  /** As it was when it was picked: late evidence is recognised by that. */
  readonly account: GatewayAccount;
  /** From 1: how often this account was asked. */
  readonly number: number;
  readonly withCredits: boolean;
  readonly credentialRevision: number;
  readonly sentAt: EpochMs;
  readonly previous: Decision | null;
}

/** How a request ended. */
export interface Ending {
  readonly outcome: RequestEvent['outcome'];
  readonly status: number;
  /** The account that answered; null: none did. */
  readonly accountId: string | null;
}

/** What an attempt led to: the client has its answer, or has nothing and the decision says how to go on. */
export type Step = { readonly type: 'over'; readonly ending: Ending } | { readonly type: 'go_on'; readonly decision: Decision };

/** The status by which logs know a client that went away. */
export const CLIENT_CLOSED = 499;

/** The ending of a request whose client went away. */
export const ABORTED: Ending = { outcome: 'aborted', status: CLIENT_CLOSED, accountId: null };
