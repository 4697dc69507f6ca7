/** The captures whose decision differs from their label, and why. `docs/decisions/0001-capture-labels.md` lists the same. */

/** One difference: in which way the decision differs, and the reason. */
export interface LabelDifference {
  readonly id: string;
  readonly difference: string;
  readonly reason: string;
}

const REFRESHABLE = 'The account has a refresh token, and a refresh may cure it; an account without one gets the error.';
const UNKNOWN_REFUSAL = 'Unknown platform: a refusal rests the account for ten minutes instead of asking for a person.';
const UNKNOWN_429 = "Unknown platform: no rule reads its bodies, so that a 429 is the account's.";
const UNKNOWN_400 = "Unknown platform: a 400 is the caller's, for no rule reads its bodies.";
const TOKEN_ENDPOINT = 'The answer of a token endpoint, read as that of a request; the refresh judges these.';
const BROKEN = 'The published body does not parse: it rests the account for ten minutes instead of asking for a person.';

/** Every difference, by file and in the order of the files. */
export const LABEL_DIFFERENCES: readonly LabelDifference[] = [
  {
    id: 'anthropic-400-out-of-extra-usage',
    difference: 'narrower, softer',
    reason: 'The same sentence comes for requests that are not recognised as the own client: the plan itself is not used up.',
  },
  { id: 'anthropic-401-invalid-auth-credentials', difference: 'softer', reason: REFRESHABLE },
  { id: 'anthropic-401-invalid-bearer-token', difference: 'softer', reason: REFRESHABLE },
  { id: 'anthropic-403-oauth-revoked', difference: 'softer', reason: REFRESHABLE },
  { id: 'anthropic-token-400-invalid-grant-expired', difference: 'narrower, softer', reason: TOKEN_ENDPOINT },
  { id: 'antigravity-403-service-disabled-foreign-project', difference: 'softer', reason: BROKEN },
  { id: 'azure-429-ratelimit-minus-one', difference: 'wider', reason: UNKNOWN_429 },
  { id: 'azure-429-try-again-2s-headers', difference: 'wider', reason: UNKNOWN_429 },
  { id: 'azure-429-token-rate-limit-33s-text', difference: 'wider', reason: UNKNOWN_429 },
  { id: 'azure-401-code-string-401', difference: 'softer', reason: UNKNOWN_REFUSAL },
  { id: 'azure-403-firewall-raw', difference: 'narrower', reason: UNKNOWN_REFUSAL },
  { id: 'azure-403-vnet-configured', difference: 'narrower', reason: UNKNOWN_REFUSAL },
  { id: 'bedrock-429-tokens-per-day-botocore', difference: 'wider', reason: UNKNOWN_429 },
  {
    id: 'bedrock-200-eventstream-service-unavailable',
    difference: 'narrower',
    reason: 'Unknown platform: the error is in the binary frames of a stream that nobody here reads.',
  },
  { id: 'bedrock-403-security-token-invalid-text', difference: 'softer', reason: UNKNOWN_REFUSAL },
  { id: 'bedrock-403-no-access-to-model-text', difference: 'wider, softer', reason: UNKNOWN_REFUSAL },
  { id: 'copilot-401-text-plain-45', difference: 'softer', reason: UNKNOWN_REFUSAL },
  { id: 'copilot-401-invalid-auto-mode-selector', difference: 'wider', reason: UNKNOWN_REFUSAL },
  { id: 'deepseek-401-no-such-user', difference: 'softer', reason: UNKNOWN_REFUSAL },
  {
    id: 'codeassist-429-nested-string-check-quota',
    difference: 'narrower',
    reason: 'Load that all share is held against one model for seconds: the account goes on with its others.',
  },
  { id: 'google-token-400-invalid-grant-revoked', difference: 'narrower, softer', reason: TOKEN_ENDPOINT },
  { id: 'codeassist-403-named-user-array', difference: 'softer', reason: BROKEN },
  {
    id: 'gemini-429-free-tier-minute-and-day-violations-truncated',
    difference: 'wider, softer',
    reason: 'The published body does not parse, so no quota and no model can be read: the account rests for seconds.',
  },
  { id: 'groq-429-tpd-9m38s', difference: 'wider', reason: UNKNOWN_429 },
  { id: 'groq-400-organization-restricted', difference: 'narrower, softer', reason: UNKNOWN_400 },
  { id: 'mistral-401-detail-unauthorized', difference: 'softer', reason: UNKNOWN_REFUSAL },
  { id: 'openai-token-401-refresh-token-reused', difference: 'softer', reason: TOKEN_ENDPOINT },
  { id: 'codex-401-detail-could-not-parse-token', difference: 'softer', reason: REFRESHABLE },
  {
    id: 'codex-200-detail-object-token-expired',
    difference: 'narrower',
    reason: 'The published body lacks its last brace, so it does not parse; with it, it is a 401.',
  },
  { id: 'openrouter-429-upstream-shared-pool', difference: 'wider', reason: UNKNOWN_429 },
  { id: 'openrouter-429-limit-rpd-model-ms-string', difference: 'wider', reason: UNKNOWN_429 },
  {
    id: 'openrouter-429-shared-capacity-truncated',
    difference: 'wider, softer, no reset',
    reason: 'Unknown platform, and the published body does not parse: the account rests for seconds.',
  },
  { id: 'xai-403-credits-wrapped', difference: 'narrower, softer', reason: UNKNOWN_REFUSAL },
  { id: 'xai-400-incorrect-api-key', difference: 'narrower, softer', reason: UNKNOWN_400 },
  { id: 'xai-400-incorrect-api-key-old-code', difference: 'narrower, softer', reason: UNKNOWN_400 },
];
