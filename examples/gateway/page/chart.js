/** Requests and failures of the last half hour, one bar a minute. */

import { byId, setText, svgElement } from './element.js';
import { formatInstant } from './instant.js';

const MINUTES = 30;
const MINUTE_MS = 60_000;
const STEP = 10;
const HEIGHT = 48;

/** @typedef {{ at: number, requests: number, failures: number }} Point */

/** @param {number} many @param {number} most @returns {number} */
function heightOf(many, most) {
  return many === 0 ? 0 : Math.max((many / most) * HEIGHT, 1.5);
}

/**
 * The chart, and the sums beside it.
 */
export function createChart() {
  const figure = byId('chart');
  const svg = svgElement('svg', { viewBox: `0 0 ${MINUTES * STEP} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' });
  figure.prepend(svg);
  /** @type {Point[]} */
  let points = [];

  /** The rectangles of one minute: all requests, and on them the failures. @param {Point} point @param {number} last @param {number} most @returns {readonly SVGElement[]} */
  function bars({ at, requests, failures }, last, most) {
    const x = (MINUTES - 1 - Math.round((last - at) / MINUTE_MS)) * STEP + 1;
    const made = [
      { many: requests, name: 'answered' },
      { many: failures, name: 'failed' },
    ].map(({ many, name }) => {
      const height = heightOf(many, most);
      return svgElement('rect', { x, width: STEP - 2, y: HEIGHT - height, height, class: name });
    });
    const title = svgElement('title', {});
    title.textContent = `${formatInstant(at, last)}: ${requests} requests, ${failures} failed`;
    made[0]?.append(title);
    return made;
  }

  function draw() {
    const last = points.at(-1)?.at ?? 0;
    points = points.filter(({ at }) => at > last - MINUTES * MINUTE_MS);
    const most = Math.max(1, ...points.map(({ requests }) => requests));
    svg.replaceChildren(...points.flatMap((point) => bars(point, last, most)));
    const requests = points.reduce((sum, point) => sum + point.requests, 0);
    const failures = points.reduce((sum, point) => sum + point.failures, 0);
    const share = requests === 0 ? '' : `${((failures / requests) * 100).toFixed(1)}%`;
    setText(byId('requests'), requests.toLocaleString());
    setText(byId('failures'), failures.toLocaleString());
    setText(byId('failures-of'), share);
    const peak = points.length === 0 ? '' : `, at most ${most} a minute`;
    svg.setAttribute('aria-label', `The last ${MINUTES} minutes: ${requests} requests, ${failures} failed${peak}.`);
  }

  return {
    /** @param {readonly Point[]} series */
    fill(series) {
      points = [...series].sort((a, b) => a.at - b.at);
      draw();
    },
    /** A minute, new or known. @param {Point} point */
    update(point) {
      points = [...points.filter(({ at }) => at !== point.at), point].sort((a, b) => a.at - b.at);
      draw();
    },
  };
}
