/** The words and the tones of what the gateway names. */

/** Each status, in the order of the filter: how it is called, and its tone. */
export const STATUSES = /** @type {const} */ ({
  active: ['Active', 'green'],
  rate_limited: ['Rate limited', 'amber'],
  overloaded: ['Overloaded', 'amber'],
  temp_unschedulable: ['Paused', 'amber'],
  error: ['Error', 'red'],
  disabled: ['Switched off', 'gray'],
  expired: ['Expired', 'gray'],
});

const PLATFORMS = { anthropic: 'Anthropic', openai: 'OpenAI', gemini: 'Gemini', antigravity: 'Antigravity' };

const TYPES = { oauth: 'OAuth', setup_token: 'Setup token', api_key: 'API key', service_account: 'Service account' };

/** What ends it, by a verdict's or a blocker's exit. */
const LIFTED_BY = {
  none: 'Nothing is held.',
  time: 'It ends by time.',
  refresh: 'A refreshed credential lifts it.',
  probe: 'A successful probe lifts it.',
  operator: 'A person has to lift it.',
};

const VERDICT_TONES = {
  ok: 'green',
  rate_limited: 'amber',
  quota_exhausted: 'amber',
  overloaded: 'amber',
  unauthenticated: 'orange',
  verification_required: 'amber',
  credits_exhausted: 'red',
  billing: 'red',
  violation: 'red',
  blocked_egress: 'red',
  transport: 'red',
  upstream_error: 'red',
};

/** A name of the code as words: `quota_exhausted` is `Quota exhausted`. @param {string} name @returns {string} */
export function toWords(name) {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * @param {object} table
 * @param {string} name
 * @returns {any} undefined for a name of a newer gateway
 */
function look(table, name) {
  return Object.hasOwn(table, name) ? Reflect.get(table, name) : undefined;
}

/** @param {string} status @returns {readonly [label: string, tone: string]} */
export function statusWords(status) {
  return look(STATUSES, status) ?? [toWords(status), 'gray'];
}

/** @param {string} platform @returns {string} */
export function platformWords(platform) {
  return look(PLATFORMS, platform) ?? toWords(platform);
}

/** @param {string} type @returns {string} */
export function typeWords(type) {
  return look(TYPES, type) ?? toWords(type);
}

/** @param {string} exit @returns {string} */
export function liftedBy(exit) {
  return look(LIFTED_BY, exit) ?? toWords(exit);
}

/** @param {string} kind a verdict's kind @returns {string} */
export function verdictTone(kind) {
  return look(VERDICT_TONES, kind) ?? 'gray';
}

/** What becomes of a request. @param {any} disposition @returns {string} */
export function dispositionWords({ type, withCredits }) {
  if (type === 'respond') return 'Answered to the client';
  if (type === 'fail_over') return 'Another account';
  if (type === 'retry') return withCredits ? 'Again, with credits' : 'Again, same account';
  return toWords(String(type));
}
