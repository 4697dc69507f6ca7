/** What the proxy has to know of a protocol. One small file each says it; everything else is the same for all. */
import type { Account } from 'poolwarden';
import type { GatewayAccount } from '../../accounts/gateway-account.js';
import type { Protocol } from '../../telemetry/observer.js';

/** The JSON object that a client posted. */
export type RequestBody = Readonly<Record<string, unknown>>;

/** An error that the gateway itself tells a client. `message` names no account and no secret. */
export interface ClientError {
  readonly status: number;
  readonly message: string;
  /** When it is worth trying again, in whole seconds; null: not by waiting. */
  readonly retryAfterSeconds: number | null;
}

/** One path of a protocol, as a request named it. */
export interface Target {
  readonly protocol: Protocol;
  /** Whether an account can serve it at all. */
  readonly canServe: (account: Account) => boolean;
  /** The model, where the path names it; null: the body does. */
  readonly pathModel: string | null;
  /** Whether the path asks for a stream; null: the body says so. */
  readonly pathStreams: boolean | null;
  /** Where the upstream has it, under the origin of an account, for the model's name there. */
  readonly upstreamPath: (model: string, baseUrl: string) => string;
  /** The body with what it has to have of the account; the same object where that is nothing. */
  readonly fill: (body: RequestBody, account: GatewayAccount) => RequestBody;
  /** An error in the form that the protocol's clients read. */
  readonly errorBody: (error: ClientError, requestId: string) => object;
}

/** The target that a path names; null: none of this protocol. */
export type MatchTarget = (path: string) => Target | null;

/** `fill` of a protocol that needs nothing of the account. */
export function fillNothing(body: RequestBody): RequestBody {
  return body;
}

/** `canServe` of accounts of one platform, whatever their type. */
export function anyAccountOf(platform: Account['platform']): Target['canServe'] {
  return (account) => account.platform === platform;
}
