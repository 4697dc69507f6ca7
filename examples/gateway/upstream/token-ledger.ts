/** The secrets of the scripted accounts: keys that stay, and OAuth tokens that rotate. */
import { SCENARIOS, type Scenario } from './scenarios.js';

/** An account that the scripted upstream knows. */
export interface ScriptedAccount {
  readonly id: string;
  /** A name out of `SCENARIOS`. */
  readonly scenario: string;
}

/** What an account signs in with. */
export type ScriptedSecrets =
  | { readonly type: 'api_key' | 'setup_token'; readonly secret: string }
  | { readonly type: 'oauth'; readonly accessToken: string; readonly refreshToken: string; readonly expiresInSeconds: number };

/** Knows every secret, and what has become of it. */
export interface TokenLedger {
  scenarioOf(accountId: string): Scenario;
  secretsOf(accountId: string): ScriptedSecrets;
  /** Whose secret it is, and whether it would still be taken; null: nobody's. */
  identify(secret: string): { readonly accountId: string; readonly valid: boolean } | null;
  /** Refuses the account's present access token from now on. */
  revokeAccess(accountId: string): void;
  /** New tokens for a refresh token. `reused`: it was redeemed before, and the whole family is revoked. */
  redeem(refreshToken: string): { readonly accountId: string; readonly secrets: ScriptedSecrets } | 'unknown' | 'reused';
}

interface Family {
  readonly scenario: Scenario;
  round: number;
  accessRevoked: boolean;
  revoked: boolean;
}

/** As the provider's own secrets begin, so that whoever looks for secrets finds them. */
const PREFIXES: Readonly<Record<Scenario['platform'], Readonly<Record<Scenario['type'], string>>>> = {
  anthropic: { api_key: 'sk-ant-api03-', oauth: 'sk-ant-oat01-', setup_token: 'sk-ant-oat01-' },
  openai: { api_key: 'sk-proj-', oauth: 'eyJhbGciOiJSUzI1NiJ9.', setup_token: 'eyJhbGciOiJSUzI1NiJ9.' },
  gemini: { api_key: 'AIza', oauth: 'ya29.', setup_token: 'ya29.' },
  antigravity: { api_key: 'AIza', oauth: 'ya29.', setup_token: 'ya29.' },
};
const DEFAULT_LIFETIME_SECONDS = 3_600;

const accessOf = (accountId: string, { scenario, round }: Family): string =>
  `${PREFIXES[scenario.platform][scenario.type]}${accountId}-secret-${round}`;
const refreshOf = (accountId: string, { round }: Family): string => `refresh-${accountId}-secret-${round}`;

function secretsIn(accountId: string, family: Family): ScriptedSecrets {
  const { type, tokenLifetimeSeconds = DEFAULT_LIFETIME_SECONDS } = family.scenario;
  const secret = accessOf(accountId, family);
  if (type !== 'oauth') return { type, secret };
  return { type, accessToken: secret, refreshToken: refreshOf(accountId, family), expiresInSeconds: tokenLifetimeSeconds };
}

/** Opens the ledger. Throws where a scenario does not exist. */
export function createTokenLedger(accounts: readonly ScriptedAccount[]): TokenLedger {
  const families = new Map<string, Family>();
  const owners = new Map<string, { readonly accountId: string; readonly round: number }>();

  const familyOf = (accountId: string): Family => {
    const family = families.get(accountId);
    if (family === undefined) throw new Error(`the scripted upstream has no account ${accountId}`);
    return family;
  };
  const note = (accountId: string, family: Family): void => {
    const owner = { accountId, round: family.round };
    owners.set(accessOf(accountId, family), owner);
    owners.set(refreshOf(accountId, family), owner);
  };
  for (const { id, scenario: name } of accounts) {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
    const family = { scenario, round: 1, accessRevoked: false, revoked: false };
    families.set(id, family);
    note(id, family);
  }

  return {
    scenarioOf: (accountId) => familyOf(accountId).scenario,
    secretsOf: (accountId) => secretsIn(accountId, familyOf(accountId)),
    identify(secret) {
      const owner = owners.get(secret);
      if (owner === undefined) return null;
      const family = familyOf(owner.accountId);
      return { accountId: owner.accountId, valid: owner.round === family.round && !family.accessRevoked && !family.revoked };
    },
    revokeAccess(accountId) {
      familyOf(accountId).accessRevoked = true;
    },
    redeem(refreshToken) {
      const owner = refreshToken.startsWith('refresh-') ? owners.get(refreshToken) : undefined;
      if (owner === undefined) return 'unknown';
      const family = familyOf(owner.accountId);
      if (owner.round !== family.round) family.revoked = true;
      if (family.revoked) return 'reused';
      family.round += 1;
      family.accessRevoked = false;
      note(owner.accountId, family);
      return { accountId: owner.accountId, secrets: secretsIn(owner.accountId, family) };
    },
  };
}
