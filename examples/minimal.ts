// One answer, judged: npx tsx examples/minimal.ts
import { createEngine, defineAccount, describeAccount, schedulability } from 'poolwarden';
import { createMemoryRepository } from 'poolwarden/memory';

const engine = createEngine({ health: createMemoryRepository() });
const account = defineAccount({ id: 'max-1', platform: 'anthropic', type: 'oauth', credential: { revision: 3 } });

// In a gateway this is what the upstream just said; here it is a refusal of a subscription whose 5-hour window is used up.
const receivedAt = Date.UTC(2026, 2, 25, 20, 0, 0);
const response = {
  status: 429,
  headers: {
    date: 'Wed, 25 Mar 2026 20:00:00 GMT',
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-5h-utilization': '1.01',
    'anthropic-ratelimit-unified-5h-reset': '1774472400',
    'anthropic-ratelimit-unified-7d-utilization': '0.42',
    'anthropic-ratelimit-unified-7d-reset': '1774900800',
  },
  body: '{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your account\'s rate limit."}}',
};

// The decision is there at once; the writes follow behind it.
const { decision, saved } = engine.observe({ account, model: 'claude-sonnet-4-5', response, receivedAt });
console.log(`${decision.verdict.kind} (${decision.verdict.scope}), by the rule ${decision.verdict.rule}`);
console.log(`the request: ${decision.disposition.type}`);
for (const { type, accountId } of decision.actions) console.log(`change: ${type} of ${accountId}`);

// Take over the health that was written, and ask before the next request.
const { health } = await saved;
const known = { ...account, health: health.get(account.id) ?? account.health };
for (const minutes of [0, 59, 60]) {
  const now = receivedAt + minutes * 60_000;
  const answer = schedulability(known, { model: 'claude-sonnet-4-5', now });
  console.log(`after ${minutes} min: ${answer.schedulable ? 'may serve' : `waits until ${new Date(answer.until ?? 0).toISOString()}`}`);
}

const view = describeAccount(known, { now: receivedAt });
for (const { name, percentText, countdown } of view.windows) console.log(`window ${name}: ${percentText}, resets in ${countdown}`);
await engine.close();
