/** An account from what a gateway knows of it: checked, completed with defaults, frozen. */
import type { Account, AccountSettings, AccountType, CredentialRef, Platform } from './account.js';
import { type HealthInput, healthFromInput } from './health-input.js';
import { isObject } from './json.js';
import { PolicyError, type PolicyErrorIssue } from './policy-error.js';
import { MAX_INSTANT } from './time.js';

const LONGEST_NAME = 256;
const LONGEST_RULE_MINUTES = 60 * 24 * 366;

/** What `defineAccount` takes: id, platform and type; the rest may be left out. */
export interface AccountInput {
  readonly id: string;
  readonly platform: Platform;
  readonly type: AccountType;
  /** An account of `defineAccount` that owns the credential. */
  readonly parent?: Account | null;
  readonly organizationId?: string | null;
  /** Default: `{ revision: 0, expiresAt: null, refreshable: type === 'oauth' }`. Any other field is left behind: it might be a secret. */
  readonly credential?: Partial<CredentialRef>;
  readonly settings?: Partial<AccountSettings>;
  readonly health?: HealthInput;
}

const DEFAULTS: AccountSettings = {
  enabled: true,
  expiresAt: null,
  pauseOnExpiry: true,
  customErrorCodes: null,
  poolMode: false,
  temporaryRules: [],
  allowOverages: false,
  tier: null,
  modelMapping: {},
  schedulingThresholdPercent: null,
  priority: 0,
  weight: 1,
};

type Check = (value: unknown) => string | null;

const isInstant = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_INSTANT;
const boolean: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false');
const instantOrNull: Check = (value) => (value === null || isInstant(value) ? null : 'must be epoch milliseconds, or null');
const textOrNull: Check = (value) => (value === null || typeof value === 'string' ? null : 'must be a text, or null');
const finite: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? null : 'must be a finite number');

function isStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

const customErrorCodes: Check = (value) =>
  value === null || value === 'all' || (Array.isArray(value) && value.every(isStatus)) ? null : "must be null, 'all' or a list of statuses";

const threshold: Check = (value) =>
  value === null || (typeof value === 'number' && value >= 1 && value <= 100) ? null : 'must be a number from 1 to 100, or null';

const modelMapping: Check = (value) =>
  isObject(value) && Object.values(value).every((model) => typeof model === 'string') ? null : 'must map model names to model names';

const weight: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? null : 'must be a number of 0 or more';

function isTemporaryRule(value: unknown): boolean {
  if (!isObject(value) || !isStatus(value.statusCode) || !Array.isArray(value.keywords)) return false;
  const { durationMinutes, keywords } = value;
  const hasLength =
    typeof durationMinutes === 'number' &&
    Number.isFinite(durationMinutes) &&
    durationMinutes > 0 &&
    durationMinutes <= LONGEST_RULE_MINUTES;
  return hasLength && keywords.length > 0 && keywords.every((word) => typeof word === 'string' && word.trim() !== '');
}

const temporaryRules: Check = (value) =>
  Array.isArray(value) && value.every(isTemporaryRule)
    ? null
    : 'each needs statusCode, at least one keyword that is not blank, and durationMinutes above 0';

const SETTING_CHECKS: { readonly [K in keyof AccountSettings]: Check } = {
  enabled: boolean,
  expiresAt: instantOrNull,
  pauseOnExpiry: boolean,
  customErrorCodes,
  poolMode: boolean,
  temporaryRules,
  allowOverages: boolean,
  tier: textOrNull,
  modelMapping,
  schedulingThresholdPercent: threshold,
  priority: finite,
  weight,
};

function settingIssues(settings: AccountSettings): readonly PolicyErrorIssue[] {
  const known: Readonly<Record<string, Check>> = SETTING_CHECKS;
  return Object.entries(settings).flatMap(([name, value]) => {
    const message = Object.hasOwn(known, name) ? (known[name]?.(value) ?? null) : 'is not a setting';
    return message === null ? [] : [{ path: `settings.${name}`, message }];
  });
}

function credentialIssues({ revision, expiresAt, refreshable }: CredentialRef): readonly PolicyErrorIssue[] {
  const isRevision = revision === null || (Number.isInteger(revision) && revision >= 0 && revision < 2 ** 31);
  return [
    ...(isRevision ? [] : [{ path: 'credential.revision', message: 'must be a whole number of 0 or more, or null' }]),
    ...(instantOrNull(expiresAt) === null ? [] : [{ path: 'credential.expiresAt', message: 'must be epoch milliseconds, or null' }]),
    ...(boolean(refreshable) === null ? [] : [{ path: 'credential.refreshable', message: 'must be true or false' }]),
  ];
}

function nameIssues({ id, platform, type, organizationId }: AccountInput): readonly PolicyErrorIssue[] {
  const issues = Object.entries({ id, platform, type })
    .filter(([, value]) => typeof value !== 'string' || value === '' || value.length > LONGEST_NAME)
    .map(([path]) => ({ path, message: `must be a text of 1 to ${LONGEST_NAME} characters` }));
  const message = textOrNull(organizationId ?? null);
  return message === null ? issues : [...issues, { path: 'organizationId', message }];
}

function parentIssues({ id, parent, health }: AccountInput): readonly PolicyErrorIssue[] {
  const issues: PolicyErrorIssue[] = [];
  if (parent !== undefined && parent !== null) {
    if (!isObject(parent) || !isObject(parent.credential)) issues.push({ path: 'parent', message: 'must be an account' });
    else if (isObject(parent.parent)) issues.push({ path: 'parent', message: 'a parent has no parent itself' });
    else if (parent.id === id) issues.push({ path: 'parent', message: 'must be another account' });
  }
  if (health !== undefined && health !== null && !isObject(health)) issues.push({ path: 'health', message: 'must be an object' });
  return issues;
}

/** Without fields that are undefined: they are as good as left out. */
function given(fields: object | null | undefined): object {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined));
}

function credentialOf({ type, credential }: AccountInput): CredentialRef {
  const { revision, expiresAt, refreshable } = { revision: 0, expiresAt: null, refreshable: type === 'oauth', ...given(credential) };
  return { revision, expiresAt, refreshable };
}

/** An empty list means all of them. */
function freezeCodes(codes: AccountSettings['customErrorCodes']): AccountSettings['customErrorCodes'] {
  if (codes === null || codes === 'all') return codes;
  return codes.length === 0 ? 'all' : Object.freeze([...codes]);
}

function freezeSettings(settings: AccountSettings): AccountSettings {
  return Object.freeze({
    ...settings,
    customErrorCodes: freezeCodes(settings.customErrorCodes),
    temporaryRules: Object.freeze(
      settings.temporaryRules.map((rule) => Object.freeze({ ...rule, keywords: Object.freeze([...rule.keywords]) })),
    ),
    modelMapping: Object.freeze({ ...settings.modelMapping }),
  });
}

/**
 * Makes an account: completed with defaults and frozen. Throws `PolicyError` with code `invalid_account` and every issue where the input is
 * wrong; cells of health are not checked but cleaned, because they come from a store. Takes only what an account has: a whole record with its
 * secrets may be given, and they stay behind.
 *
 * @example defineAccount({ id: 'a1', platform: 'anthropic', type: 'oauth', credential: { revision: 3 } })
 */
export function defineAccount(input: AccountInput): Account {
  if (!isObject(input)) throw new PolicyError('invalid_account', [{ path: '', message: 'must be an object' }]);
  const credential = credentialOf(input);
  const settings: AccountSettings = { ...DEFAULTS, ...given(input.settings) };
  const issues = [...nameIssues(input), ...parentIssues(input), ...credentialIssues(credential), ...settingIssues(settings)];
  if (issues.length > 0) throw new PolicyError('invalid_account', issues);
  return Object.freeze({
    id: input.id,
    platform: input.platform,
    type: input.type,
    parent: input.parent ?? null,
    organizationId: input.organizationId ?? null,
    credential: Object.freeze(credential),
    settings: freezeSettings(settings),
    health: healthFromInput(input.health),
  });
}
