/** The accounts of a scripted upstream as a list that a gateway can import, like a file of `ACCOUNTS_FILE`. */
import type { ScriptedUpstream } from './create-scripted-upstream.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import type { ScriptedAccount, ScriptedSecrets } from './token-ledger.js';

/** One entry of the list. */
export interface ScriptedEntry {
  readonly id: string;
  readonly label: string;
  readonly platform: string;
  readonly type: string;
  readonly project: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** Google's clients have a secret, so each account says which one it signed in with. */
const GOOGLE_CLIENT = { client_id: 'scripted-client', client_secret: 'scripted-client-secret' };

/** A sign-in with Google is served by Code Assist or Antigravity, for a project. */
function isGoogleSignIn({ platform, type }: Scenario): boolean {
  return type === 'oauth' && (platform === 'gemini' || platform === 'antigravity');
}

function credentialsOf(secrets: ScriptedSecrets, scenario: Scenario): ScriptedEntry['credentials'] {
  if (secrets.type !== 'oauth') return { [secrets.type]: secrets.secret };
  const client = isGoogleSignIn(scenario) ? GOOGLE_CLIENT : {};
  const expiresAt = Date.now() + secrets.expiresInSeconds * 1000;
  return { access_token: secrets.accessToken, refresh_token: secrets.refreshToken, expires_at: expiresAt, ...client };
}

/** The list. Its secrets are those that the upstream takes now. */
export function scriptedImport(
  { secretsOf }: Pick<ScriptedUpstream, 'secretsOf'>,
  accounts: readonly ScriptedAccount[],
): readonly ScriptedEntry[] {
  return accounts.flatMap(({ id, scenario: name }) => {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) return [];
    const { platform, type, label, allowOverages = false, tier = null } = scenario;
    const project = isGoogleSignIn(scenario) ? 'scripted-project' : null;
    return [{ id, label, platform, type, project, settings: { allowOverages, tier }, credentials: credentialsOf(secretsOf(id), scenario) }];
  });
}
