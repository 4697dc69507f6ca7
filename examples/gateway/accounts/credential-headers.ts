/** Which headers carry the secret, by kind of account: data. */
import type { Account } from 'poolwarden';

type Headers = Readonly<Record<string, string>>;
type Writer = (secret: string, account: Account) => Headers;

const bearer: Writer = (secret) => ({ authorization: `Bearer ${secret}` });

/** Anthropic's OAuth access is a beta of its own. A client's `anthropic-beta` is joined to it by the proxy, with a comma. */
const anthropicOauth: Writer = (secret) => ({ authorization: `Bearer ${secret}`, 'anthropic-beta': 'oauth-2025-04-20' });

/** A ChatGPT sign-in may belong to several workspaces: the account's organization says which. */
const chatgpt: Writer = (secret, { organizationId }) => ({
  authorization: `Bearer ${secret}`,
  ...(organizationId === null ? {} : { 'chatgpt-account-id': organizationId }),
});

const WRITERS: Readonly<Record<string, Writer>> = {
  'anthropic api_key': (secret) => ({ 'x-api-key': secret }),
  'anthropic oauth': anthropicOauth,
  'anthropic setup_token': anthropicOauth,
  'openai oauth': chatgpt,
  'gemini api_key': (secret) => ({ 'x-goog-api-key': secret }),
};

/** The headers that authorize a request of this account. `Authorization: Bearer` where nothing else is known of its kind. Pure. */
export function credentialHeaders(account: Account, secret: string): Headers {
  const write = WRITERS[`${account.platform} ${account.type}`] ?? bearer;
  return write(secret, account);
}
