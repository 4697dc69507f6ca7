import { describe, expect, it } from 'vitest';
import { MODEL_FAMILIES, modelKeys, modelLimits } from '../../src/core/model-keys.js';
import { account, hold, NOW } from '../support/accounts.js';

describe('modelKeys', () => {
  it.each([
    ['anthropic', 'claude-haiku-4-5', ['claude-haiku-4-5']],
    ['anthropic', 'claude-opus-4-6', ['claude-opus-4-6', 'claude-opus']],
    ['anthropic', 'claude-sonnet-4-5-20250929', ['claude-sonnet-4-5-20250929', 'claude-sonnet']],
    ['anthropic', 'claude-fable-5', ['claude-fable-5']],
    ['anthropic', 'Claude-FABLE-5-20260101', ['Claude-FABLE-5-20260101', 'claude-fable-5']],
    ['anthropic', 'gemini-3-pro', ['gemini-3-pro']],
    ['antigravity', 'gemini-3-pro', ['gemini-3-pro', 'antigravity:gemini']],
    ['antigravity', 'my-gemini-3', ['my-gemini-3']],
    ['antigravity', 'claude-sonnet-4-5-thinking', ['claude-sonnet-4-5-thinking', 'claude-sonnet']],
    ['gemini', 'gemini-3-pro', ['gemini-3-pro']],
    ['openai', 'gpt-5.2', ['gpt-5.2']],
    ['openai', 'gpt-image-1', ['gpt-image-1', 'openai:image_generation']],
    ['openai', 'chatgpt-image-latest', ['chatgpt-image-latest', 'openai:image_generation']],
    ['openai', 'dall-e-3', ['dall-e-3', 'openai:image_generation']],
    ['gemini', 'gpt-image-1', ['gpt-image-1']],
    ['anthropic', 'AICredits', []],
    ['anthropic', '__proto__', ['__proto__']],
    ['anthropic', 'constructor', ['constructor']],
    ['anthropic', '', ['']],
  ])('%s %j → %j', (platform, model, keys) => {
    expect(modelKeys(account({ platform }), model)).toEqual(keys);
  });

  it("goes by the upstream's name for the model", () => {
    const settings = { modelMapping: { fast: 'claude-opus-4-6', 'claude-opus-4-6': 'other' } };
    expect(modelKeys(account({ settings }), 'fast')).toEqual(['claude-opus-4-6', 'claude-opus']);
    expect(modelKeys(account({ settings }), 'claude-opus-4-6')).toEqual(['other']);
  });

  it('names each family once', () => {
    for (const field of ['window', 'key', 'word'] as const) {
      expect(new Set(MODEL_FAMILIES.map((family) => family[field])).size).toBe(MODEL_FAMILIES.length);
    }
  });
});

describe('modelLimits', () => {
  const modelRateLimits = new Map([
    ['claude-opus', hold(NOW + 1)],
    ['claude-opus-4-6', hold(NOW + 2)],
    ['claude-sonnet', hold(NOW + 3, { kind: 'unavailable' })],
    ['AICredits', hold(NOW + 4, { kind: 'credits' })],
  ]);
  const limited = account({ health: { modelRateLimits } });

  it.each([
    ['claude-opus-4-6', ['claude-opus-4-6', 'claude-opus']],
    ['claude-opus-4-7', ['claude-opus']],
    ['claude-haiku-4-5', []],
    ['AICredits', []],
  ])('%s is under %j', (model, keys) => {
    expect([...modelLimits(limited, model).keys()]).toEqual(keys);
  });

  it('a model that does not exist says nothing of the family whose key is its name', () => {
    expect([...modelLimits(limited, 'claude-sonnet-4-5').keys()]).toEqual([]);
    expect([...modelLimits(limited, 'claude-sonnet').keys()]).toEqual(['claude-sonnet']);
  });
});
