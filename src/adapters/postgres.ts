/** The entry `poolwarden/postgres`: health, credentials and settings in PostgreSQL, in tables of our own or in the gateway's. */
export { fromPg, fromPostgresJs, type PgQueries, type PostgresClient, type PostgresJs, type PostgresRow } from './postgres/client.js';
export { createMappedRepository } from './postgres/create-mapped-repository.js';
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
export { addCellsColumn } from './postgres/mapped/add-cells-column.js';
export { importRow } from './postgres/mapped/import-row.js';
export {
  ERROR_HEADS,
  type ErrorColumns,
  type HoldColumns,
  type MappedCells,
  type MappedTable,
  type ModelColumn,
  type SessionColumns,
} from './postgres/mapped/mapping.js';
export { MissingAccountError } from './postgres/mapped/missing-account-error.js';
export { migratePostgres } from './postgres/migrate-postgres.js';
export { postgresMigration } from './postgres/migration-statement.js';
export type { PostgresSchemaOptions } from './postgres/schema.js';
