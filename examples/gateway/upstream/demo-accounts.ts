/** The pool that `npm start` shows: data. One account of each scenario, and more of those that carry the traffic. */
import { SCENARIOS } from './scenarios.js';
import type { ScriptedAccount } from './token-ledger.js';

const MORE: readonly string[] = [
  'healthy',
  'healthy',
  'window_spent',
  'overload_storm',
  'openai_key',
  'gemini_key',
  'antigravity',
  'stream_overload',
];

/** The accounts; their ids tell the scenario. */
export const DEMO_ACCOUNTS: readonly ScriptedAccount[] = [...Object.keys(SCENARIOS), ...MORE].map((scenario, index) => ({
  id: `demo-${String(index + 1).padStart(2, '0')}-${scenario.replaceAll('_', '-')}`,
  scenario,
}));
