/** A codec that hides nothing from a cryptographer, and opens only what it sealed for the same account and purpose. */
import type { SecretCodec, SecretContext } from '../../src/refresh/ports.js';

const label = ({ accountId, purpose }: SecretContext): string => Buffer.from(JSON.stringify([purpose, accountId])).toString('base64');
let seals = 0;

/** Seals the same text differently each time, with a blank in none of it. */
export const BINDING_CODEC: SecretCodec = {
  async seal(text, context) {
    seals += 1;
    return `${seals}:${label(context)}:${Buffer.from(text).toString('base64')}`;
  },
  async open(sealed, context) {
    const [, sealedFor, text = ''] = sealed.split(':');
    if (sealedFor !== label(context)) throw new Error('sealed for another account or purpose');
    return Buffer.from(text, 'base64').toString();
  },
};
