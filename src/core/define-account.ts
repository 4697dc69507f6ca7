/** An account from what a gateway knows of it: checked, completed with defaults, frozen. */
import type { Account, AccountSettings, AccountType, CredentialRef, Platform } from './account.js';
import { type AccountHealth, EMPTY_HEALTH } from './health.js';
import { healthFromJson } from './health-json.js';
import { isObject } from './json.js';
import { PolicyError, type PolicyErrorIssue } from './policy-error.js';
import { MAX_INSTANT, SESSION_WINDOW_MS } from './time.js';

/**
 * What `defineAccount` takes: id, platform and type; the rest may be left out. `health` is a part of `AccountHealth` with dictionaries as Maps, plain objects or lists of
 * pairs, or what `healthToJson` wrote; its session window may also be given as `{ start, end, status, source }`.
 */
export interface AccountInput {
  readonly id: string;
  readonly platform: Platform;
  readonly type: AccountType;
  readonly parent?: Account | null;
  readonly organizationId?: string | null;
  readonly credential?: Partial<CredentialRef>;
  readonly settings?: Partial<AccountSettings>;
  readonly health?: AccountHealth | object;
}

const DEFAULTS: AccountSettings = {
  enabled: true,
  expiresAt: null,
  pauseOnExpiry: false,
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
    typeof durationMinutes === 'number' && Number.isFinite(durationMinutes) && durationMinutes > 0 && durationMinutes <= 60 * 24 * 366;
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

function nameIssues({ id, platform, type, parent }: AccountInput): readonly PolicyErrorIssue[] {
  const named = { id, platform, type };
  const issues = Object.entries(named)
    .filter(([, value]) => typeof value !== 'string' || value === '' || value.length > 256)
    .map(([path]) => ({ path, message: 'must be a text of 1 to 256 characters' }));
  const hasGrandparent = parent !== undefined && parent !== null && parent.parent !== null;
  return hasGrandparent ? [...issues, { path: 'parent', message: 'a parent has no parent itself' }] : issues;
}

/** `{ start, end, status, source }` as the cells that it stands for. */
function sessionCells(window: Readonly<Record<string, unknown>>): object {
  const { start, end, status, source } = window;
  if (typeof end !== 'number') return window;
  const observedAt = typeof start === 'number' ? start : end - SESSION_WINDOW_MS;
  return {
    header: source === 'predicted' ? null : { observedAt, end },
    predicted: source === 'predicted' ? { start: observedAt } : null,
    status: typeof status === 'string' ? { observedAt, status } : null,
  };
}

function healthOf(input: AccountInput['health']): AccountHealth {
  if (input === undefined) return EMPTY_HEALTH;
  const session = Reflect.get(input, 'sessionWindow');
  return healthFromJson({ ...input, ...(isObject(session) ? { sessionWindow: sessionCells(session) } : {}) });
}

function freezeSettings(settings: AccountSettings): AccountSettings {
  const codes = settings.customErrorCodes;
  return Object.freeze({
    ...settings,
    customErrorCodes: Array.isArray(codes) && codes.length === 0 ? 'all' : codes,
    temporaryRules: Object.freeze(
      settings.temporaryRules.map((rule) => Object.freeze({ ...rule, keywords: Object.freeze([...rule.keywords]) })),
    ),
    modelMapping: Object.freeze({ ...settings.modelMapping }),
  });
}

/**
 * Makes an account. Throws `PolicyError` with code `invalid_account` and every issue where the input is wrong; health is not checked but cleaned, because it comes from a store.
 *
 * @example defineAccount({ id: 'a1', platform: 'anthropic', type: 'oauth', credential: { revision: 3 } })
 */
export function defineAccount(input: AccountInput): Account {
  const credential: CredentialRef = { revision: 0, expiresAt: null, refreshable: input.type === 'oauth', ...input.credential };
  const settings: AccountSettings = { ...DEFAULTS, ...input.settings };
  const issues = [...nameIssues(input), ...credentialIssues(credential), ...settingIssues(settings)];
  if (issues.length > 0) throw new PolicyError('invalid_account', issues);
  return Object.freeze({
    id: input.id,
    platform: input.platform,
    type: input.type,
    parent: input.parent ?? null,
    organizationId: input.organizationId ?? null,
    credential: Object.freeze(credential),
    settings: freezeSettings(settings),
    health: healthOf(input.health),
  });
}
