import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresSettings } from '../../../src/adapters/postgres.js';
import { DRIVERS, OPENING_MS, type Opened } from './support.js';

describe.each(DRIVERS)('settings with $driver', ({ open }) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  }, OPENING_MS);
  afterAll(() => opened.close());

  it('come back as they were set, the last one staying', async () => {
    const settings = createPostgresSettings(opened.client);
    expect(await settings.get('key')).toBeNull();
    await settings.set('key', '{"a":"é \\u0000 🙂"}');
    expect(await settings.get('key')).toBe('{"a":"é \\u0000 🙂"}');
    await settings.set('key', '');
    await settings.set("__proto__'; drop table poolwarden_settings", 'other');
    expect(await settings.get('key')).toBe('');
    expect(await createPostgresSettings(opened.client).get("__proto__'; drop table poolwarden_settings")).toBe('other');
  });
});
