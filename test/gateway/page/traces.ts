/** Where a secret that somebody has entered may be left behind. */
import type { Page } from 'playwright-core';

/** Everything of the page that could keep a text: the whole document with its attributes, what stands in its fields, storages, cookies, the address and the history. */
export function tracesOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')];
    return [
      new XMLSerializer().serializeToString(document),
      ...fields.flatMap(({ value, defaultValue }) => [value, defaultValue]),
      JSON.stringify({ ...sessionStorage }),
      JSON.stringify({ ...localStorage }),
      document.cookie,
      location.href,
      JSON.stringify(history.state),
    ].join('\n');
  });
}

/** The same without the fields: what is in the document itself while somebody still types. */
export function documentOf(page: Page): Promise<string> {
  return page.evaluate(() => new XMLSerializer().serializeToString(document));
}

/** Whether the focus is within something that is shown; what it is on, by its text or its id. */
export function focusOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || !activeElement.checkVisibility()) return 'nowhere';
    return activeElement.id || (activeElement.textContent ?? '').trim();
  });
}
