/** Measures what the engine itself takes. */
import type { Engine } from 'poolwarden';

/** The same engine; `decided` is told the seconds of each decision. */
export function timedEngine(engine: Engine, decided: (seconds: number) => void): Engine {
  return {
    ...engine,
    observe(exchange) {
      const begun = performance.now();
      const observed = engine.observe(exchange);
      decided((performance.now() - begun) / 1000);
      return observed;
    },
  };
}
