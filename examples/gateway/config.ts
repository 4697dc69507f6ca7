/** What the gateway is told by its environment. */
import { resolve } from 'node:path';
import * as z from 'zod';

/** Where requests of each kind of account go. Origins without a path, from the configuration and never from a request. */
export interface Origins {
  readonly anthropic: string;
  /** API keys of OpenAI. */
  readonly openai: string;
  /** OAuth accounts of OpenAI: what Codex talks to. */
  readonly chatgpt: string;
  readonly gemini: string;
  /** Code Assist: requests and quotas of Gemini's OAuth accounts. */
  readonly codeAssist: string;
  readonly antigravity: string;
}

/** Where tokens are refreshed. */
export interface TokenUrls {
  readonly anthropic: string;
  readonly openai: string;
  readonly google: string;
}

/** Everything that the environment decides. */
export interface GatewayConfig {
  readonly port: number;
  readonly host: string;
  /** Absolute. Holds the embedded database and the generated key. */
  readonly dataDir: string;
  /** Null: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Null: access tokens are cached in this process. */
  readonly redisUrl: string | null;
  /** 32 bytes; null: generated into `dataDir`. */
  readonly secretKey: Uint8Array | null;
  /** Null: clients need no key. */
  readonly clientKey: string | null;
  /** Null: made at the first start, and then the one of which the store has the digest. */
  readonly adminToken: string | null;
  /** Imported at the start; null: none. */
  readonly accountsFile: string | null;
  readonly origins: Origins;
  readonly tokenUrls: TokenUrls;
}

/** The environment is wrong. The message is for a person, and shows no value. */
export class ConfigError extends Error {
  constructor(readonly issues: readonly string[]) {
    super(`The gateway cannot start:\n${issues.map((issue) => `- ${issue}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const KEY_BYTES = 32;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Secrets travel encrypted, or not beyond this machine. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname)));
}

function isOrigin(text: string): boolean {
  return isSafeUrl(text) && new URL(text).href === `${new URL(text).origin}/`;
}

function hasProtocol(...protocols: readonly string[]): (text: string) => boolean {
  return (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol);
}

/** A name that is set to nothing is as good as not set. */
const text: z.ZodType<string | undefined, unknown> = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value.trim() === '' ? undefined : value.trim()));

function checked(standard: string, isGood: (value: string) => boolean, message: string): z.ZodType<string, unknown> {
  return text.transform((value) => value ?? standard).refine(isGood, { error: message });
}

function checkedOrNull(isGood: (value: string) => boolean, message: string): z.ZodType<string | null, unknown> {
  return text.transform((value) => value ?? null).refine((value) => value === null || isGood(value), { error: message });
}

const origin = (standard: string): z.ZodType<string, unknown> =>
  checked(standard, isOrigin, 'must be an https origin without a path, or an http one on a loopback address').transform(
    (url) => new URL(url).origin,
  );
const tokenUrl = (standard: string): z.ZodType<string, unknown> =>
  checked(standard, isSafeUrl, 'must be an https address, or an http one on a loopback address');

function isPort(value: string): boolean {
  return /^[0-9]{1,5}$/.test(value) && Number(value) <= 65_535;
}

/** What a header can carry, and nobody guesses. */
function isAdminToken(value: string): boolean {
  return /^[!-~]{32,256}$/.test(value);
}

function isKey(value: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(value) && Buffer.from(value, 'base64').length === KEY_BYTES;
}

const environmentSchema = z.object({
  PORT: checked('8080', isPort, 'must be a port number from 0 to 65535').transform(Number),
  HOST: checked('127.0.0.1', () => true, ''),
  DATA_DIR: checked('.gateway', () => true, '').transform((path) => resolve(path)),
  DATABASE_URL: checkedOrNull(hasProtocol('postgres:', 'postgresql:'), 'must be an address like postgres://user@host/database'),
  REDIS_URL: checkedOrNull(hasProtocol('redis:', 'rediss:'), 'must be an address like redis://host:6379'),
  GATEWAY_SECRET_KEY: checkedOrNull(isKey, 'must be 32 bytes as base64: make one with `openssl rand -base64 32`'),
  GATEWAY_CLIENT_KEY: checkedOrNull((key) => key.length >= 16, 'must have at least 16 characters'),
  GATEWAY_ADMIN_TOKEN: checkedOrNull(
    isAdminToken,
    'must be 32 to 256 characters of ASCII without blanks: make one with `openssl rand -hex 32`',
  ),
  ACCOUNTS_FILE: checkedOrNull(() => true, ''),
  ANTHROPIC_ORIGIN: origin('https://api.anthropic.com'),
  OPENAI_ORIGIN: origin('https://api.openai.com'),
  CHATGPT_ORIGIN: origin('https://chatgpt.com'),
  GEMINI_ORIGIN: origin('https://generativelanguage.googleapis.com'),
  CODE_ASSIST_ORIGIN: origin('https://cloudcode-pa.googleapis.com'),
  ANTIGRAVITY_ORIGIN: origin('https://daily-cloudcode-pa.googleapis.com'),
  ANTHROPIC_TOKEN_URL: tokenUrl('https://platform.claude.com/v1/oauth/token'),
  OPENAI_TOKEN_URL: tokenUrl('https://auth.openai.com/oauth/token'),
  GOOGLE_TOKEN_URL: tokenUrl('https://oauth2.googleapis.com/token'),
});

type Environment = z.output<typeof environmentSchema>;

function configOf(environment: Environment): GatewayConfig {
  const { GATEWAY_SECRET_KEY: key, ACCOUNTS_FILE: file } = environment;
  return {
    port: environment.PORT,
    host: environment.HOST,
    dataDir: environment.DATA_DIR,
    databaseUrl: environment.DATABASE_URL,
    redisUrl: environment.REDIS_URL,
    secretKey: key === null ? null : Buffer.from(key, 'base64'),
    clientKey: environment.GATEWAY_CLIENT_KEY,
    adminToken: environment.GATEWAY_ADMIN_TOKEN,
    accountsFile: file === null ? null : resolve(file),
    origins: {
      anthropic: environment.ANTHROPIC_ORIGIN,
      openai: environment.OPENAI_ORIGIN,
      chatgpt: environment.CHATGPT_ORIGIN,
      gemini: environment.GEMINI_ORIGIN,
      codeAssist: environment.CODE_ASSIST_ORIGIN,
      antigravity: environment.ANTIGRAVITY_ORIGIN,
    },
    tokenUrls: { anthropic: environment.ANTHROPIC_TOKEN_URL, openai: environment.OPENAI_TOKEN_URL, google: environment.GOOGLE_TOKEN_URL },
  };
}

/**
 * Reads the configuration. Throws a `ConfigError` that names every variable that is wrong and says what it must be; a process that lets it through ends with a code other than 0.
 *
 * @example const config = loadConfig(process.env);
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const read = environmentSchema.safeParse(environment);
  if (read.success) return configOf(read.data);
  throw new ConfigError(read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`));
}
