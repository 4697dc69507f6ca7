/** The engine of a gateway: the pure decision, and the shell that carries it out. */
import { DEFAULT_POLICY } from './define-policy.js';
import { evaluate } from './evaluate.js';
import { makeEngine } from './shell/engine.js';
import type { Engine, EngineDeps } from './shell/ports.js';

/**
 * Makes an engine over a health repository. Keep one for as long as the gateway runs, and `close` it at the end.
 *
 * @example
 * const engine = createEngine({ health: createMemoryRepository() });
 * const { decision, saved } = engine.observe({ account, model, response, receivedAt: Date.now() });
 */
export function createEngine(deps: EngineDeps): Engine {
  return makeEngine(deps, { evaluate, defaultPolicy: DEFAULT_POLICY });
}
