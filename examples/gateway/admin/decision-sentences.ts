/** What a decision changes, in plain sentences. */
import type { Action, EpochMs } from 'poolwarden';

const clock = (at: EpochMs): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
const until = (at: EpochMs): string => `until ${clock(at)} UTC`;

type Sentences = { readonly [T in Action['type']]: (action: Action & { readonly type: T }) => string };

const SENTENCES: Sentences = {
  set_error: ({ kind }) => `Takes the account out until a person lifts the error (${kind}).`,
  clear_error: ({ kind }) => `Lifts the error (${kind}).`,
  set_rate_limited: (action) => `Holds the account ${until(action.until)}: its quota is spent.`,
  set_overloaded: (action) => `Holds the account ${until(action.until)}: the upstream is overloaded.`,
  set_temp_unschedulable: ({ cell, ...action }) =>
    cell === 'authentication'
      ? `Holds the credential ${until(action.until)}, or until it is renewed.`
      : `Pauses the account ${until(action.until)}.`,
  set_model_rate_limit: ({ model, ...action }) =>
    model === 'AICredits' ? `Holds the AI credits ${until(action.until)}.` : `Holds the model ${model} ${until(action.until)}.`,
  clear_model_rate_limit: ({ model }) =>
    model === 'AICredits' ? 'Lifts the hold of the AI credits.' : `Lifts the hold of the model ${model}.`,
  clear_holds: ({ holds }) => `Lifts the holds that the answer disproves (${holds.map(({ cell }) => cell).join(', ')}).`,
  update_session_window: ({ window, status }) =>
    window === null ? `Notes that the 5-hour window is ${status}.` : `Notes the 5-hour window ${until(window.end)}: ${status}.`,
  record_usage: ({ samples }) => `Records how much is used of ${Object.keys(samples).join(', ')}.`,
  add_strike: ({ kind }) => `Counts a strike (${kind}).`,
  clear_strikes: ({ kind }) => `Forgets the strikes (${kind}).`,
  request_refresh: () => 'Asks for a new token.',
  invalidate_token: () => 'Drops the cached token.',
};

/** One sentence for an action. Total, pure. */
export function actionSentence(action: Action): string {
  // The table has a sentence for each type, which the compiler cannot connect with the action's own.
  const sentence = SENTENCES[action.type] as (action: Action) => string;
  return sentence(action);
}
