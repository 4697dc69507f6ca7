/** Where the quota of an account is asked for, by platform: data. */
import type { GatewayAccount } from '../accounts/gateway-account.js';
import type { Origins } from '../config.js';
import type { Question } from './ask-upstream.js';

type Make = (account: GatewayAccount, origins: Origins) => readonly Question[];

const CLIENT = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' };

function codeAssist(origin: string, { projectId }: GatewayAccount, quota: string): readonly Question[] {
  const project = projectId === null ? {} : { project: projectId };
  const about = projectId === null ? {} : { cloudaicompanionProject: projectId };
  return [
    { method: 'POST', url: `${origin}/v1internal:loadCodeAssist`, body: { ...about, metadata: CLIENT } },
    { method: 'POST', url: `${origin}/v1internal:${quota}`, body: project },
  ];
}

const QUESTIONS: Readonly<Record<string, Make>> = {
  anthropic: (_account, { anthropic }) => [{ method: 'GET', url: `${anthropic}/api/oauth/usage` }],
  openai: (_account, { chatgpt }) => [{ method: 'GET', url: `${chatgpt}/backend-api/wham/usage` }],
  gemini: (account, origins) => codeAssist(origins.codeAssist, account, 'retrieveUserQuota'),
  antigravity: (account, origins) => codeAssist(origins.antigravity, account, 'fetchAvailableModels'),
};

/** The questions whose answers tell the quota of an account; none: nobody can be asked, as for API keys. Pure. */
export function usageQuestions(account: GatewayAccount, origins: Origins): readonly Question[] {
  const { platform, type } = account.account;
  return type === 'oauth' ? (QUESTIONS[platform]?.(account, origins) ?? []) : [];
}
