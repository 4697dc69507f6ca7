/** A provider of which only Retry-After is known. */
import { readHeader, readMost } from '../core/headers.js';
import { type Provider, readRetryAfter, undatedLimits } from '../core/provider.js';
import { readSeconds } from '../core/read-number.js';

/** Reads Retry-After and nothing else: for platforms without usage windows, and for those that are not known by name. */
export const noWindows: Provider = {
  platform: '',
  readWindows: () => null,
  readRest: (headers, { receivedAt }) => {
    const ms = readMost(readHeader(headers, 'retry-after-ms'), readSeconds);
    return undatedLimits(ms ?? readRetryAfter(headers, receivedAt), null);
  },
  isUnchanged: () => true,
  hasWindows: () => false,
  hasAnyWindow: () => false,
};
