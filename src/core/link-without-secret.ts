/** Links that leave the library. */
import { redactShapes } from './redact.js';
import { checkLink, type VerificationLink } from './verification-link.js';

/** The link itself; where something in it has the shape of a credential, the link without it and untrusted: it leads nowhere any more, so nobody may be led there. Total, pure. */
export function linkWithoutSecret(link: VerificationLink | null): VerificationLink | null {
  const url = link === null ? '' : redactShapes(link.url);
  return link === null || url === link.url ? link : checkLink(url, []);
}
