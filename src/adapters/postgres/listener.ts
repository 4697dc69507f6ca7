/** What hearing news needs: a connection that listens on a channel, and comes back after it was lost. */

/** What a listener tells. Neither function throws. */
export interface PostgresListenerHandlers {
  /** A notification's payload. */
  readonly onPayload: (payload: string) => void;
  /** It listens again after the connection was lost: notifications in between were missed. */
  readonly onReturn: () => void;
}

/** Listens to notifications. See `listenWithPg`, `listenWithPglite` and `listenWithPostgresJs`. */
export interface PostgresListener {
  /** Resolves when it listens, with the function that ends it. `channel` is a plain name. */
  listen(channel: string, handlers: PostgresListenerHandlers): Promise<() => Promise<void>>;
}

/** The part of PGlite that is used. */
export interface PgliteNotifications {
  listen(channel: string, callback: (payload: string) => void): Promise<(...parameters: never[]) => Promise<void>>;
}

/** Listens with PGlite: it lives in this process, so its connection is never lost. */
export function listenWithPglite(database: PgliteNotifications): PostgresListener {
  return {
    async listen(channel, { onPayload }) {
      const stop = await database.listen(channel, onPayload);
      return () => stop();
    },
  };
}

/** The part of a postgres.js `sql` that is used. */
export interface PostgresJsNotifications {
  listen(
    channel: string,
    callback: (payload: string) => void,
    onListen?: () => void,
  ): PromiseLike<{ readonly unlisten: () => Promise<void> }>;
}

/** Listens with postgres.js, which opens a connection of its own for it and opens it again when it was lost. */
export function listenWithPostgresJs(sql: PostgresJsNotifications): PostgresListener {
  return {
    async listen(channel, { onPayload, onReturn }) {
      let isListening = false;
      const onListen = (): void => {
        if (isListening) onReturn();
        isListening = true;
      };
      const { unlisten } = await sql.listen(channel, onPayload, onListen);
      return unlisten;
    },
  };
}
