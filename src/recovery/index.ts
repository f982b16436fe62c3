export { Links, type LinksParts, type NewLink, type UsableLink } from './links.ts'
export { type LinkPurpose, type LinkRow, recoveryMigrations } from './table.ts'
