/** The attempts of a process that are under way, by account and revision. */
import type { RefreshOutcome } from './outcome.js';
import type { StoredCredentials } from './ports.js';

/** One attempt under way, and what its callers wait for. Neither promise rejects. */
export interface Flight {
  readonly outcome: Promise<RefreshOutcome>;
  readonly ended: Promise<void>;
  readonly pending: () => StoredCredentials | null;
}

/** Flights by account and revision. */
export interface Flights {
  find(accountId: string, revision: number): Flight | null;
  /** Keeps a flight until it has ended. */
  add(accountId: string, revision: number, flight: Flight): void;
  /** Credentials of the account that are not stored yet, the newest; null: none. */
  pending(accountId: string): StoredCredentials | null;
  /** Settles when all that are under way now have ended. Never rejects. */
  allEnded(): Promise<void>;
}

/** Makes an empty register of flights. */
export function createFlights(): Flights {
  const flights = new Map<string, Map<number, Flight>>();

  function remove(accountId: string, revision: number): void {
    const own = flights.get(accountId);
    own?.delete(revision);
    if (own?.size === 0) flights.delete(accountId);
  }

  return {
    find: (accountId, revision) => flights.get(accountId)?.get(revision) ?? null,
    add(accountId, revision, flight) {
      const own = flights.get(accountId) ?? new Map<number, Flight>();
      flights.set(accountId, own.set(revision, flight));
      flight.ended.then(() => remove(accountId, revision));
    },
    pending(accountId) {
      const found = [...(flights.get(accountId)?.values() ?? [])].map((flight) => flight.pending());
      return found.reduce((newest, one) => (one !== null && (newest === null || one.revision > newest.revision) ? one : newest), null);
    },
    async allEnded() {
      await Promise.all([...flights.values()].flatMap((own) => [...own.values()].map(({ ended }) => ended)));
    },
  };
}
