/** Elements, made of text only: nothing that an upstream said is ever read as HTML. */

/**
 * An element with attributes and children. `false`, `null` and `undefined` leave an attribute out, `true` sets it empty, a function listens to the event of that name.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | null)} children strings become text, null is left out
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * The same for SVG.
 *
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElement}
 */
export function svgElement(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return /** @type {SVGElement} */ (made);
}

/**
 * The element with an id of index.html.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
}

/**
 * Sets a text only if it is another one, so that nothing is laid out or announced in vain.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Replaces children and keeps the keyboard where it was: on the control at the same place.
 *
 * @param {Element} parent
 * @param {readonly Node[]} children
 */
export function replaceKeepingFocus(parent, children) {
  const controls = () => [...parent.querySelectorAll('a[href], button')];
  const place = document.activeElement === null ? -1 : controls().indexOf(document.activeElement);
  parent.replaceChildren(...children);
  const control = place === -1 ? undefined : controls()[place];
  if (control instanceof HTMLElement) control.focus();
}
