import { EXHAUSTED_STATUS } from '../../src/core/course.js';
import type { VerdictKind } from '../../src/core/decision.js';
import type { Outcome } from '../../src/core/rule.js';
import { BUILT_IN_RULES } from '../../src/rule-table.js';
import { code, markdownTable } from './markdown-table.js';

/** What an effect does to the account, in a word or two. */
const EFFECTS: Readonly<Record<Outcome['effect']['type'], string>> = {
  none: 'nothing',
  error: 'error',
  limit: 'hold until the reset',
  pause: 'pause',
  authentication: 'hold of the credential, refresh requested',
  overload: 'hold of the settings',
  strikes: 'pause, then error',
  temporary_rule: "hold of the account's rule",
  credits: 'credits held 5 h',
};

function effectInWords({ effect }: Outcome): string {
  if (effect.type === 'error') return `error ${code(effect.kind)}`;
  if (effect.type === 'strikes') return `pause; at the strikes error ${code(effect.kind)}`;
  if (effect.type !== 'limit') return EFFECTS[effect.type];
  if (effect.until === 'fallback') return 'hold of the fallback seconds';
  return typeof effect.until === 'number' ? `hold of ${effect.until} min` : EFFECTS.limit;
}

const unique = (values: readonly string[], separator = ', '): string => [...new Set(values)].join(separator);

/** Rules of an operator's own making (`by_status`) are left out: their kind is not theirs. */
function rowOf(kind: VerdictKind): readonly string[] {
  if (kind === 'ok') return [code(kind), 'request', 'samples and windows recorded; what it disproves is cleared', 'none', '-'];
  const outcomes = BUILT_IN_RULES.map(({ then }) => then).filter((then) => then.kind === kind);
  return [
    code(kind),
    unique(outcomes.map(({ scope }) => scope)),
    unique(outcomes.map(effectInWords), '; '),
    unique(outcomes.map(({ exit }) => exit)),
    String(EXHAUSTED_STATUS[kind]),
  ];
}

/** Every kind of verdict with what its built-in rules do. */
export function verdictTable(): string {
  const kinds = Object.keys(EXHAUSTED_STATUS) as readonly VerdictKind[];
  return markdownTable(['verdict', 'scope', 'account, by default', 'way back', 'nobody left'], kinds.map(rowOf));
}
