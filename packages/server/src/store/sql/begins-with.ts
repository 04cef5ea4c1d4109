import { type SqlBool, sql } from 'kysely'

/** Sorts after every character that IDs, names and e-mails have. */
const lastCharacter = '\u{7f}'

/** Condition: a text begins so; as a range, which an index serves. */
export function beginsWith(column: string, prefix: string) {
  return sql<SqlBool>`${sql.ref(column)} >= ${prefix} and ${sql.ref(column)} < ${`${prefix}${lastCharacter}`}`
}
