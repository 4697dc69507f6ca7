/** `poolwarden/usage`: what a quota endpoint said of an account, as data. A failure is data too. */

export type { UsageCredits, UsageForbidden, UsageInfo } from './core/usage-info.js';
export { combineUsage } from './usage/combine-usage.js';
export { creditBalance, hasEnoughCredits } from './usage/credit-balance.js';
export { enrichUsage } from './usage/enrich-usage.js';
export { mayAskUsage } from './usage/may-ask.js';
export { usageActions } from './usage/usage-actions.js';
export type { ReadAnswer, UsageAnswer } from './usage/usage-answer.js';
export { type CachedUsage, createUsageCache, type UsageCache, type UsageCacheOptions } from './usage/usage-cache.js';
export { estimateSession, usageFromHealth } from './usage/usage-from-health.js';
// From an answer to usage.
export { type UsageReading, usageFromResponse } from './usage/usage-from-response.js';
// Reading it: cached, one request at a time for an account.
export { createUsageReader, type UsageFetch, type UsageReader, type UsageReaderOptions } from './usage/usage-reader.js';
// What follows from usage.
export { usageTtlMs } from './usage/usage-ttl.js';
