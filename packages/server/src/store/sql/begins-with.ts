import { type SqlBool, sql } from 'kysely'

/** Sorts after every character of IDs, names and e-mails. */
const lastCharacter = '\u{7f}'

/** Condition: a text has this prefix; written as a range, so that an index can serve it. */
export function beginsWith(column: string, prefix: string) {
  return sql<SqlBool>`${sql.ref(column)} >= ${prefix} and ${sql.ref(column)} < ${`${prefix}${lastCharacter}`}`
}
