/** One decision: what was decided in a line, and why when it is opened. */

import { call } from './api.js';
import { pill } from './badge.js';
import { element } from './element.js';
import { formatDayAndTime, formatSeconds } from './instant.js';
import { dispositionWords, liftedBy, toWords, verdictTone } from './words.js';

/** @typedef {{ id: string, matched: boolean, why: string }} ConsideredRule */

/** @param {string} term @param {Node | string | null} description @returns {readonly Node[]} */
function pair(term, description) {
  return description === null || description === '' ? [] : [element('dt', {}, term), element('dd', {}, description)];
}

/** @param {ConsideredRule} rule @returns {HTMLElement} */
function ruleItem({ id, matched, why }) {
  const mark = element('span', { class: matched ? 'mark mark-yes' : 'mark', 'aria-hidden': 'true' }, matched ? '✓' : '·');
  const spoken = element('span', { class: 'visually-hidden' }, matched ? 'Matched: ' : 'Not matched: ');
  return element('li', {}, mark, spoken, element('code', {}, id), ' ', element('span', { class: 'muted' }, why));
}

/** The rules that were asked: those that matched, and the others behind a click. @param {readonly ConsideredRule[]} rules @returns {HTMLElement} */
function ruleParts(rules) {
  const matched = rules.filter((rule) => rule.matched);
  const others = rules.filter((rule) => !rule.matched);
  const list = (/** @type {readonly ConsideredRule[]} */ some) => element('ul', { class: 'rules' }, ...some.map(ruleItem));
  const more =
    others.length === 0 ? null : element('details', {}, element('summary', {}, `${others.length} other rules considered`), list(others));
  return element('div', {}, matched.length === 0 ? null : list(matched), more);
}

/** @param {any} decision @returns {HTMLElement} */
function story({ requestId, status, verdict, disposition, changes, explanation }) {
  const { message, resetAt, exit, scope, rule } = verdict;
  const lifted = resetAt === null ? liftedBy(exit) : `${liftedBy(exit)} The upstream says: until ${formatDayAndTime(resetAt)}.`;
  const changeList =
    changes.length === 0
      ? 'Nothing'
      : element('ul', { class: 'plain' }, ...changes.map((/** @type {string} */ change) => element('li', {}, change)));
  return element(
    'dl',
    { class: 'story' },
    ...pair('Rule', element('code', {}, rule)),
    ...pair('About', `the ${scope}`),
    ...pair('Upstream', [status === null ? 'no answer' : `HTTP ${status}`, ...(message === null ? [] : [message])].join(': ')),
    ...pair('Changed', changeList),
    ...pair('What lifts it', lifted),
    ...pair('The request', dispositionWords(disposition)),
    ...pair('Considered', ruleParts(explanation?.rules ?? [])),
    ...pair('Request id', element('code', {}, requestId)),
  );
}

/**
 * A decision as an item of the list. The whole explanation is asked for when it is opened.
 *
 * @param {any} decision
 * @returns {HTMLElement}
 */
export function decisionItem(decision) {
  const { id, at, accountId, label, model, status, verdict } = decision;
  const summary = element(
    'summary',
    {},
    element('time', { datetime: new Date(at).toISOString(), class: 'muted' }, formatSeconds(at)),
    pill(verdictTone(verdict.kind), toWords(verdict.kind)),
    element('span', { class: 'who' }, label ?? accountId),
    element(
      'span',
      { class: 'muted what' },
      `${[model, status ?? 'no answer'].filter((one) => one !== null).join(' · ')} · `,
      element('code', {}, verdict.rule),
    ),
  );
  const body = element('div', { class: 'why' });
  const details = element('details', {}, summary, body);
  details.addEventListener('toggle', async () => {
    if (!(/** @type {HTMLDetailsElement} */ (details).open) || body.hasChildNodes()) return;
    body.append(story(decision));
    const whole = await call(`/admin/decisions/${encodeURIComponent(id)}`).catch(() => null);
    if (whole !== null && JSON.stringify(whole) !== JSON.stringify(decision)) body.replaceChildren(story(whole));
  });
  return element('li', { 'data-id': id }, details);
}
