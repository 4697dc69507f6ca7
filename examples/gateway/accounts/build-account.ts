/** An account of the pool out of its row, its health and the facts about its credential. */
import { type Account, type AccountHealth, type AccountSettings, type CredentialRef, defineAccount, PolicyError } from 'poolwarden';
import type { Origins } from '../config.js';
import type { AccountRecord } from './account-table.js';
import type { GatewayAccount } from './gateway-account.js';

/** What is known of an account beside its row. */
export interface AccountFacts {
  readonly health: AccountHealth;
  /** Undefined: no credential is stored. */
  readonly credential: CredentialRef | undefined;
  readonly parent: Account | null;
}

/** Of an account whose secrets are not there, or are its parent's. */
const NO_CREDENTIAL: CredentialRef = Object.freeze({ revision: null, expiresAt: null, refreshable: false });

type BaseOf = (origins: Origins) => string;

/** By platform, and by platform and type where one type is served elsewhere. */
const BASES: ReadonlyMap<string, BaseOf> = new Map<string, BaseOf>([
  ['anthropic', ({ anthropic }) => anthropic],
  ['openai', ({ openai }) => openai],
  // A ChatGPT sign-in is served where Codex asks.
  ['openai oauth', ({ chatgpt }) => `${chatgpt}/backend-api/codex`],
  ['gemini', ({ gemini }) => gemini],
  // A sign-in with Google is served by Code Assist, which speaks another protocol than the Gemini API.
  ['gemini oauth', ({ codeAssist }) => codeAssist],
  ['antigravity', ({ antigravity }) => antigravity],
]);

/** Where the requests of an account of this kind go; null: the platform is unknown. Pure. */
export function baseUrlOf({ platform, type }: Pick<AccountRecord, 'platform' | 'type'>, origins: Origins): string | null {
  const baseOf = BASES.get(`${platform} ${type}`) ?? BASES.get(platform);
  return baseOf?.(origins) ?? null;
}

function define(record: AccountRecord, settings: Partial<AccountSettings>): Account {
  const { id, platform, type, organization } = record;
  return defineAccount({ id, platform, type, organizationId: organization, settings, credential: NO_CREDENTIAL });
}

/**
 * The part of an account that its row decides. Null where the row cannot be used at all; a row whose settings are wrong is an account that is switched off, so that it is seen. Both come only of rows that
 * somebody wrote by hand. Pure.
 */
export function accountOfRecord(record: AccountRecord, origins: Origins): GatewayAccount | null {
  const baseUrl = baseUrlOf(record, origins);
  if (baseUrl === null) return null;
  const { label, project, enabled } = record;
  const settings: object = typeof record.settings === 'object' && record.settings !== null ? record.settings : {};
  const around = { label, baseUrl, projectId: project };
  try {
    return { ...around, account: define(record, { ...settings, enabled }) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const isUsable = error.issues.every(({ path }) => path.startsWith('settings'));
    return isUsable ? { ...around, account: define(record, { enabled: false }) } : null;
  }
}

/** The account with what is known of it now. Pure. */
export function withFacts(base: GatewayAccount, { health, credential, parent }: AccountFacts): GatewayAccount {
  return { ...base, account: Object.freeze({ ...base.account, parent, health, credential: credential ?? NO_CREDENTIAL }) };
}
