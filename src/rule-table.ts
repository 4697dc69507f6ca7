/** The table: every rule in the order in which it is asked. The first match decides. */
import type { Platform } from './core/account.js';
import type { Provider } from './core/provider.js';
import type { Rule } from './core/rule.js';
import { anthropicDefaults, anthropicEvidence, anthropicProvider } from './providers/anthropic.js';
import { antigravityDefaults, antigravityProvider } from './providers/antigravity.js';
import { noWindows } from './providers/generic.js';
import { geminiProvider, googleEvidence } from './providers/google.js';
import { openaiDefaults, openaiEvidence, openaiProvider } from './providers/openai.js';
import { operatorRules, temporaryRules } from './providers/operator.js';
import { edgeRules, sharedEvidence } from './providers/shared.js';
import { statusDefaults } from './providers/status-defaults.js';

/** The stages of the table, in order, each with its rules. `docs/rules.md` is generated from it. */
export const RULE_STAGES: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: "The purpose of the exchange, and the operator's modes", rules: operatorRules },
  {
    title: 'Official windows and structured evidence',
    rules: [...sharedEvidence, ...anthropicEvidence, ...openaiEvidence, ...googleEvidence],
  },
  { title: "The account's temporary rules", rules: temporaryRules },
  { title: 'The edge', rules: edgeRules },
  { title: 'What a provider means by a status', rules: [...anthropicDefaults, ...openaiDefaults, ...antigravityDefaults] },
  { title: 'What a status means', rules: statusDefaults },
];

/** Every built-in rule, in order. */
export const BUILT_IN_RULES: readonly Rule[] = RULE_STAGES.flatMap(({ rules }) => rules);

/** The providers that are known by name. */
export const PROVIDERS: readonly Provider[] = [anthropicProvider, openaiProvider, geminiProvider, antigravityProvider];

/** The reader of a platform's headers; for an unknown platform, of Retry-After. */
export function providerOf(platform: Platform): Provider {
  for (const provider of PROVIDERS) if (provider.platform === platform) return provider;
  return noWindows;
}
