/** The smallest request that shows whether an account works, by kind of account: data. */
import type { GatewayAccount } from '../accounts/gateway-account.js';
import type { Question } from './ask-upstream.js';

/** A question for a test, and the model that it names. */
export interface TestQuestion extends Question {
  readonly model: string;
}

type Make = (account: GatewayAccount, model: string) => Question;

interface Kind {
  readonly model: string;
  readonly make: Make;
}

const HELLO = 'hi';

/** Anthropic serves OAuth credentials to its own client only, which names itself so. */
const CLAUDE_CODE = "You are Claude Code, Anthropic's official CLI for Claude.";

function anthropic(system: string | undefined): Make {
  return ({ baseUrl }, model) => ({
    method: 'POST',
    url: `${baseUrl}/v1/messages`,
    headers: { 'anthropic-version': '2023-06-01' },
    body: { model, max_tokens: 1, system, messages: [{ role: 'user', content: HELLO }] },
  });
}

const openai: Make = ({ baseUrl }, model) => ({
  method: 'POST',
  url: `${baseUrl}/v1/responses`,
  body: { model, input: HELLO, max_output_tokens: 16, store: false },
});

const codex: Make = ({ baseUrl }, model) => ({
  method: 'POST',
  url: `${baseUrl}/responses`,
  headers: { accept: 'text/event-stream' },
  body: {
    model,
    instructions: 'Answer briefly.',
    input: [{ role: 'user', content: [{ type: 'input_text', text: HELLO }] }],
    stream: true,
    store: false,
  },
});

const CONTENTS = { contents: [{ role: 'user', parts: [{ text: HELLO }] }], generationConfig: { maxOutputTokens: 1 } };

const gemini: Make = ({ baseUrl }, model) => ({
  method: 'POST',
  url: `${baseUrl}/v1beta/models/${encodeURIComponent(model)}:generateContent`,
  body: CONTENTS,
});

/** The envelope of Antigravity, and of Code Assist for Gemini's sign-ins. */
const enveloped: Make = ({ baseUrl, projectId }, model) => ({
  method: 'POST',
  url: `${baseUrl}/v1internal:generateContent`,
  body: { model, ...(projectId === null ? {} : { project: projectId }), request: CONTENTS },
});

const KINDS: Readonly<Record<string, Kind>> = {
  'anthropic api_key': { model: 'claude-haiku-4-5', make: anthropic(undefined) },
  'anthropic oauth': { model: 'claude-haiku-4-5', make: anthropic(CLAUDE_CODE) },
  'anthropic setup_token': { model: 'claude-haiku-4-5', make: anthropic(CLAUDE_CODE) },
  'openai api_key': { model: 'gpt-5-nano', make: openai },
  'openai oauth': { model: 'gpt-5-codex', make: codex },
  'gemini api_key': { model: 'gemini-2.5-flash', make: gemini },
  'gemini oauth': { model: 'gemini-2.5-flash', make: enveloped },
  'antigravity oauth': { model: 'gemini-3-flash', make: enveloped },
};

/** The question for this account, with the model that a person chose or the platform's smallest; null: this kind of account cannot be tested. Pure. */
export function testQuestion(account: GatewayAccount, model: string | null): TestQuestion | null {
  const { platform, type } = account.account;
  const kind = KINDS[`${platform} ${type}`];
  if (kind === undefined) return null;
  const named = model ?? kind.model;
  return { ...kind.make(account, named), model: named };
}
