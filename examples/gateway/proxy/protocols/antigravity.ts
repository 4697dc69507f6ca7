/** Antigravity's envelope: `{ model, project, request }`. The project is the account's. */
import type { GatewayAccount } from '../../accounts/gateway-account.js';
import { googleErrorBody } from './google-error.js';
import { anyAccountOf, type MatchTarget, type RequestBody, type Target } from './protocol.js';

/** The account's project; and no paid credits unless the gateway asks for them: whether they are spent is decided by the account's owner. */
function fill(body: RequestBody, { projectId }: GatewayAccount): RequestBody {
  const { project, enabledCreditTypes, ...others } = body;
  const named = projectId ?? project;
  if (named === project && enabledCreditTypes === undefined) return body;
  return named === undefined ? others : { ...others, project: named };
}

function targetOf(path: string): Target {
  return {
    protocol: 'antigravity',
    canServe: anyAccountOf('antigravity'),
    pathModel: null,
    pathStreams: path.endsWith(':streamGenerateContent'),
    upstreamPath: () => path,
    fill,
    errorBody: googleErrorBody,
  };
}

const PATHS: readonly string[] = ['/v1internal:generateContent', '/v1internal:streamGenerateContent'];
const TARGETS: ReadonlyMap<string, Target> = new Map(PATHS.map((path) => [path, targetOf(path)]));

/** `/v1internal:generateContent` and `:streamGenerateContent`. */
export const matchAntigravity: MatchTarget = (path) => TARGETS.get(path) ?? null;
