/** Digests of texts, by the platform's own cryptography. */

const encoder = new TextEncoder();

/** The digest of a text's UTF-8, in lower-case hex. */
export async function hexDigest(algorithm: 'SHA-1' | 'SHA-256', text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest(algorithm, encoder.encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
