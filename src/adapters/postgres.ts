/** The entry `poolwarden/postgres`: health, credentials and settings in PostgreSQL, in tables of our own or in the gateway's. */
export { fromPostgresJs, type PostgresClient, type PostgresJs, type PostgresRow } from './postgres/client.js';
export { createPostgresCredentialRepository, type PostgresCredentialOptions } from './postgres/create-postgres-credential-repository.js';
export {
  createPostgresHealthRepository,
  type PostgresHealthOptions,
  type PostgresHealthRepository,
} from './postgres/create-postgres-health-repository.js';
export { createPostgresSettings } from './postgres/create-postgres-settings.js';
export { listenWithPg, type PgListenerOptions, type PgNotifications } from './postgres/listen-with-pg.js';
export {
  listenWithPglite,
  listenWithPostgresJs,
  type PgliteNotifications,
  type PostgresJsNotifications,
  type PostgresListener,
  type PostgresListenerHandlers,
} from './postgres/listener.js';
export { migratePostgres } from './postgres/migrate-postgres.js';
export { postgresMigration } from './postgres/migration-statement.js';
export type { PostgresSchemaOptions } from './postgres/schema.js';
