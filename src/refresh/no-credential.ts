/** The absence of credentials, as a fact about them. */
import type { CredentialRef } from '../core/account.js';

/** What there is to know of an account whose credentials were removed. */
export const NO_CREDENTIAL: CredentialRef = Object.freeze({ revision: null, expiresAt: null, refreshable: false });
