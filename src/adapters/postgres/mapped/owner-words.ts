/** Words of another program, as far as they can be read. */
import type { AccountError, ErrorKind } from '../../../core/health.js';
import type { CellWrite } from '../../../core/patch.js';
import { redactShapes } from '../../../core/redact.js';
import { extractVerificationLink } from '../../../core/verification-link.js';
import { ADOPTED, IMPORTED } from './hold-sql.js';

/** An error of another program: without what looks like a secret, and with the link that its message names. Total, pure. */
export function ownersError(kind: ErrorKind, error: AccountError): AccountError {
  return { ...error, message: redactShapes(error.message), link: kind === 'verification' ? extractVerificationLink(error.message) : null };
}

function isOwners({ rule }: { readonly rule: string }): boolean {
  return rule === ADOPTED || rule === IMPORTED;
}

/** A cell that came from the owner's columns, made presentable; any other as it is. Total, pure. */
export function inOwnWords(write: CellWrite): CellWrite {
  switch (write.cell) {
    case 'errors':
      return isOwners(write.value) ? { ...write, value: ownersError(write.key, write.value) } : write;
    case 'rateLimit':
    case 'overload':
    case 'temporary':
    case 'authentication':
    case 'modelRateLimits':
      return isOwners(write.value) ? { ...write, value: { ...write.value, detail: redactShapes(write.value.detail) } } : write;
    default:
      return write;
  }
}
